// SPDX-License-Identifier: Apache-2.0
//
// What the load lab has measured, for people at a terminal, and as CSV. Formats; measures nothing.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

extension LoadReport.Machine {
  package var text: String {
    "\(processor), \(cores) core\(cores == 1 ? "" : "s"), Linux \(kernel), \(swift), \(isOptimized ? "release" : "debug"), "
      + "\(isAudited ? "with" : "without") the audit; load average before \(Numbers.fixed(load, 2))"
  }
}

extension LoadReport.Circumstances {
  var panel: String {
    "\(keyType) keys, \(Numbers.grouped(keys)) of them, \(readPercent) % reads"
      + (hotPercent > 0 ? ", \(hotPercent) % of one key" : "")
      + (visitPercent > 0 ? ", \(visitPercent) % visits of all" : "")
  }
}

extension LoadReport {
  package var text: String {
    var lines = ["\(machine.text)", "\(date), seed \(seed): \(TextEscaping.printable(command))"]
    lines += notes.map { "note: \(TextEscaping.printable($0))" }
    lines += thresholdLines + curveLines + goalLines + replayLines
    return lines.joined(separator: "\n") + "\n"
  }

  static func percents(_ runs: Proportion) -> String {
    "\(Numbers.percent(runs.share)) (\(Numbers.fixed(runs.low * 100, 0))-\(Numbers.fixed(runs.high * 100, 0)))"
  }

  private var thresholdLines: [String] {
    if thresholds.isEmpty { return [] }
    let steps = thresholds[0].violations.map(\.accesses)
    var rows = [
      ["threads", "reads", "by", "runs", "crashes"] + steps.map { "in \(Numbers.grouped($0))" }
    ]
    for cell in thresholds {
      rows.append(
        [
          "\(cell.threads)", "\(cell.readPercent) %", "\(cell.reading), \(cell.writing)",
          "\(cell.violations.first?.runs.runs ?? 0)", "\(cell.crashes)",
        ] + cell.violations.map { Self.percents($0.runs) })
    }
    var lines = [
      "", "Share of runs in which an unprotected dictionary was caught, by accesses until then (95 % intervals)",
    ]
    lines += Table.aligned(rows, left: 0)
    for claim in claims {
      lines.append(
        "claim: \(claim.text): within \(Numbers.grouped(claim.accesses)) accesses \(Self.percents(claim.runs)), "
          + claim.verdict)
    }
    return lines
  }

  private var curveLines: [String] {
    var lines: [String] = []
    for (panel, curves) in panels(curves.map { ($0.circumstances, $0) }) {
      let threads = Set(curves.flatMap { $0.points.map(\.threads) }).sorted()
      var rows = [["operations a second"] + threads.map { $0 == 1 ? "1 thread" : "\($0) threads" }]
      for curve in curves {
        rows.append(
          [curve.circumstances.model]
            + threads.map { count in
              curve.points.first { $0.threads == count }.map { Numbers.rate($0.median) } ?? ""
            })
      }
      lines += ["", panel] + Table.aligned(rows)
      let fits = curves.compactMap { curve in curve.fit.map { (curve.circumstances.model, $0) } }
      if fits.isEmpty { continue }
      var table = [["universal scalability law", "lambda", "sigma", "kappa", "error", "peak", "at"]]
      for (model, fit) in fits {
        let last = fit.bands[fit.bands.count - 1]
        table.append([
          model, Numbers.rate(fit.law.lambda), Self.interval(fit.law.sigma, fit.sigmaInterval, 3),
          Self.interval(fit.law.kappa, fit.kappaInterval, 5), Numbers.percent(fit.relativeError),
          fit.law.peak.map { Numbers.fixed($0, 0) } ?? "none",
          "\(last.threads): \(Numbers.rate(last.perSecond)) (\(Numbers.rate(last.low)) to \(Numbers.rate(last.high)))"
            + (fit.isDetermined ? "" : ", not determined"),
        ])
      }
      lines += [""] + Table.aligned(table)
      lines += Self.remarks(fits.map(\.1))
    }
    return lines
  }

  /// Each sentence once.
  static func remarks(_ fits: [ScalabilityFit]) -> [String] {
    Set(fits.flatMap(\.remarks)).sorted()
  }

  private static func interval(_ number: Double, _ interval: ScalabilityFit.Interval, _ digits: Int) -> String {
    "\(Numbers.fixed(number, digits)) (\(Numbers.fixed(interval.low, digits))-\(Numbers.fixed(interval.high, digits)))"
  }

  private var goalLines: [String] {
    var lines: [String] = []
    for (panel, goals) in panels(goals.map { ($0.circumstances, $0) }) {
      var rows = [["highest rate", "threads", "holds", "fails", "p50", "p99", "p99.9", "longest", ""]]
      for goal in goals {
        let times = goal.latencies.map { [$0.p50, $0.p99, $0.p999, $0.greatest] } ?? []
        rows.append(
          [
            goal.circumstances.model, "\(goal.threads)", goal.perSecond.map(Numbers.rate) ?? "none",
            goal.failedPerSecond.map(Numbers.rate) ?? "-",
          ] + (0..<4).map { $0 < times.count ? Numbers.duration(nanoseconds: Double(times[$0])) : "-" }
            + [goal.isOfTheGenerator ? "as much as the lab can ask" : ""])
      }
      lines += ["", "\(panel): \(Self.goalText(goals[0]))"] + Table.aligned(rows)
    }
    return lines
  }

  static func goalText(_ goal: Goal) -> String {
    "\(Numbers.fixed(goal.quantile * 100, 1)) % within \(Numbers.duration(nanoseconds: Double(goal.goalNanoseconds))) of "
      + "the moment each was planned for"
  }

  private var replayLines: [String] {
    guard let replayed else { return [] }
    var rows = [["model", "ns/operation", "operations", "p50", "p99", "p99.9", "longest", "undone"]]
    for replay in replayed.replays {
      let times = replay.latencies.map { [$0.p50, $0.p99, $0.p999, $0.greatest] } ?? []
      rows.append(
        [
          replay.model, Numbers.fixed(replay.nanosecondsPerOperation),
          Numbers.rate(replay.nanosecondsPerOperation > 0 ? 1e9 / replay.nanosecondsPerOperation : 0),
        ] + (0..<4).map { $0 < times.count ? Numbers.duration(nanoseconds: Double(times[$0])) : "-" }
          + ["\(replay.latencies?.unfinished ?? 0)"])
    }
    return ["", replayed.text] + Table.aligned(rows)
  }

  /// By what is the same of all models, in the order of the first of each.
  func panels<Element>(_ elements: [(Circumstances, Element)]) -> [(panel: String, elements: [Element])] {
    var order: [String] = []
    var groups: [String: [Element]] = [:]
    for (circumstances, element) in elements {
      if groups[circumstances.panel] == nil { order.append(circumstances.panel) }
      groups[circumstances.panel, default: []].append(element)
    }
    return order.map { ($0, groups[$0] ?? []) }
  }
}

extension LoadReport.ReplayedTraffic {
  var text: String {
    "'\(TextEscaping.printable(collection))' of '\(TextEscaping.printable(file))': \(Numbers.grouped(operations)) operations "
      + "by \(threads) thread\(threads == 1 ? "" : "s"), \(Numbers.percent(readShare)) reads, \(Numbers.grouped(keys)) keys, "
      + "\(Numbers.fixed(seconds, 3)) s; latencies at \(Numbers.fixed(speed, 2)) times the speed"
  }
}

extension LoadReport {
  /// A row for each number.
  package var csv: String {
    var rows = [
      [
        "part", "model", "key_type", "keys", "read_percent", "threads", "name", "at", "value", "low", "high",
        "hot_percent", "visit_percent",
      ]
    ]
    rows.append(["machine", "", "", "", "", "", "\(machine.text). Measured at \(date)"])
    for cell in thresholds {
      for at in cell.violations {
        rows.append([
          "threshold", "unprotected", "Int", "", "\(cell.readPercent)", "\(cell.threads)",
          "\(cell.reading)+\(cell.writing)", "\(at.accesses)", "\(at.runs.share)", "\(at.runs.low)", "\(at.runs.high)",
        ])
      }
    }
    for claim in claims {
      rows.append([
        "claim", "", "", "", "", "", claim.text, "\(claim.accesses)", "\(claim.runs.share)", "\(claim.runs.low)",
        "\(claim.runs.high)",
      ])
    }
    func row(_ part: String, _ place: Circumstances, _ threads: Int, _ name: String, _ values: [String]) -> [String] {
      [part, place.model, place.keyType, "\(place.keys)", "\(place.readPercent)", "\(threads)", name] + values
        + ["\(place.hotPercent)", "\(place.visitPercent)"]
    }
    for curve in curves {
      for point in curve.points where point.median > 0 {
        rows.append(
          row(
            "throughput", curve.circumstances, point.threads, "operations_per_second",
            ["", point.median, point.rounds.min() ?? 0, point.rounds.max() ?? 0].map { "\($0)" }))
      }
      for band in curve.fit?.bands ?? [] {
        rows.append(
          row(
            "law", curve.circumstances, band.threads, "operations_per_second",
            ["", "\(band.perSecond)", "\(band.low)", "\(band.high)"]))
      }
    }
    for goal in goals {
      rows.append(
        row(
          "goal", goal.circumstances, goal.threads, "highest_per_second",
          [
            "\(goal.goalNanoseconds)", goal.perSecond.map { "\($0)" } ?? "", "",
            goal.failedPerSecond.map { "\($0)" } ?? "",
          ]))
    }
    for replay in replayed?.replays ?? [] {
      rows.append([
        "replay", replay.model, "", "\(replayed?.keys ?? 0)", Numbers.fixed((replayed?.readShare ?? 0) * 100),
        "\(replayed?.threads ?? 0)", "nanoseconds_per_operation", "", "\(replay.nanosecondsPerOperation)",
        "\(replay.rounds.min() ?? 0)", "\(replay.rounds.max() ?? 0)",
      ])
    }
    // Each row has a place for each column.
    return Table.commaSeparated(rows.map { $0 + Array(repeating: "", count: rows[0].count - $0.count) })
  }
}

#endif
