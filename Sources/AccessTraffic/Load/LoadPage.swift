// SPDX-License-Identifier: Apache-2.0
//
// What the load lab has measured, as one page with charts. Formats; measures nothing.

#if REPORTS && canImport(Glibc)

extension LoadReport {
  /// The page.
  package var html: String {
    let remarks: Markup = notes.isEmpty ? "" : "<ul class=\"problems\">\(notes.map { "<li>\($0)</li>" as Markup })</ul>"
    let head: Markup = """
      <dl><dt>Machine</dt><dd>\(machine.text)</dd><dt>Measured</dt><dd>\(date)</dd><dt>Seed</dt><dd>\(seed)</dd>\
      <dt>Command</dt><dd><code>\(command)</code></dd></dl>
      \(remarks)
      """
    return Page.text("AccessAudit: load lab", head, main: thresholdParts + curveParts + goalParts + replayParts)
  }

  private static func article(_ title: String, _ text: Markup, _ charts: [Markup], _ tables: [Markup]) -> Markup {
    """
    <article><h2>\(title)</h2><p class="type">\(text)</p>
    <div class="charts">\(charts)</div>
    \(tables)
    </article>

    """
  }

  private static func table(_ rows: [[String]]) -> Markup {
    let head = (rows.first ?? []).map { "<th scope=\"col\">\($0)</th>" as Markup }
    let body = rows.dropFirst().map { row -> Markup in
      let cells = row.dropFirst().map { "<td>\($0)</td>" as Markup }
      return "<tr><th scope=\"row\">\(row[0])</th>\(cells)</tr>"
    }
    return "<div class=\"wide\"><table><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>"
  }

  private var thresholdParts: [Markup] {
    guard let first = thresholds.first else { return [] }
    let charts = Set(thresholds.map { "\($0.readPercent)" }).compactMap { Int($0) }.sorted().map { readPercent in
      let cells = thresholds.filter {
        $0.readPercent == readPercent && ($0.reading, $0.writing) == (first.reading, first.writing)
      }
      return CurveChart(
        title: "\(readPercent) % reads: share of runs that were caught",
        horizontal: "accesses of all threads until then",
        curves: cells.enumerated().map { index, cell in
          .init(
            name: cell.threads == 1 ? "1 thread" : "\(cell.threads) threads", color: index,
            places: cell.violations.map { .init(Double($0.accesses), $0.runs.share) })
        }, greatest: 1, number: Numbers.percent
      ).markup
    }
    var rows = [
      ["threads, reads"] + first.violations.map { "in \(Numbers.grouped($0.accesses))" } + ["runs", "crashes"]
    ]
    for cell in thresholds {
      rows.append(
        ["\(cell.threads), \(cell.readPercent) % \(cell.reading), \(cell.writing)"]
          + cell.violations.map { Self.percents($0.runs) }
          + ["\(cell.violations.first?.runs.runs ?? 0)", "\(cell.crashes)"])
    }
    var claimed = [["claim", "within", "measured", ""]]
    for claim in claims {
      claimed.append([claim.text, Numbers.grouped(claim.accesses), Self.percents(claim.runs), claim.verdict])
    }
    return [
      Self.article(
        "Threshold",
        "An unprotected dictionary, used by threads at once. Each run is a process of its own; in brackets 95 % intervals.",
        charts, [claims.isEmpty ? "" : Self.table(claimed), Self.table(rows)])
    ]
  }

  private var curveParts: [Markup] {
    panels(curves.map { ($0.circumstances, $0) }).map { panel, curves in
      var charts = [
        CurveChart(
          title: "Operations a second by threads", horizontal: "threads",
          curves: curves.enumerated().map { index, curve in
            .init(
              name: curve.circumstances.model, color: index,
              places: curve.points.map { .init(Double($0.threads), $0.median) })
          }, number: Numbers.rate
        ).markup
      ]
      var rows = [["model", "sigma", "kappa", "error of the fit", "peak at threads", "extrapolated"]]
      for (index, curve) in curves.enumerated() {
        guard let fit = curve.fit else { continue }
        charts.append(Self.fitChart(curve, fit, color: index))
        let last = fit.bands[fit.bands.count - 1]
        rows.append([
          curve.circumstances.model, Numbers.fixed(fit.law.sigma, 3), Numbers.fixed(fit.law.kappa, 5),
          Numbers.percent(fit.relativeError), fit.law.peak.map { Numbers.fixed($0, 0) } ?? "none",
          "\(last.threads) threads: \(Numbers.rate(last.low)) to \(Numbers.rate(last.high))"
            + (fit.isDetermined ? "" : ", not determined"),
        ])
      }
      let remarks = Self.remarks(curves.compactMap(\.fit))
      return Self.article(
        "Throughput: \(panel)",
        "Threads that do nothing else. Lines: the universal scalability law, fitted; bands: 90 %; dashes: extrapolated. \(remarks.joined(separator: " "))",
        charts, rows.count > 1 ? [Self.table(rows)] : [])
    }
  }

  private static func fitChart(_ curve: Curve, _ fit: ScalabilityFit, color: Int) -> Markup {
    CurveChart(
      title: "\(curve.circumstances.model): measured, and the law", horizontal: "threads",
      curves: [
        .init(
          name: "", color: color,
          places: fit.bands.map { .init(Double($0.threads), $0.perSecond, low: $0.low, high: $0.high) },
          hasPoints: false,
          dashedFrom: fit.bands.last { !$0.isExtrapolated }.map { Double($0.threads) }),
        .init(
          name: "", color: color,
          places: curve.points.flatMap { point in point.rounds.map { .init(Double(point.threads), $0) } },
          hasLine: false),
      ], number: Numbers.rate
    ).markup
  }

  private var goalParts: [Markup] {
    panels(goals.map { ($0.circumstances, $0) }).map { panel, goals in
      let models = goals.map(\.circumstances.model).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      let chart = CurveChart(
        title: "Highest rate that holds the goal, by threads", horizontal: "threads",
        curves: models.enumerated().map { index, model in
          .init(
            name: model, color: index,
            places: goals.filter { $0.circumstances.model == model }.map {
              .init(Double($0.threads), $0.perSecond ?? 0)
            })
        }, number: Numbers.rate
      ).markup
      var rows = [["model, threads", "holds", "fails", "p50", "p99", "p99.9", "longest"]]
      for goal in goals {
        let times = goal.latencies.map { [$0.p50, $0.p99, $0.p999, $0.greatest] } ?? []
        rows.append(
          [
            "\(goal.circumstances.model), \(goal.threads)", goal.perSecond.map(Numbers.rate) ?? "none",
            goal.isOfTheGenerator ? "the lab can ask no more" : goal.failedPerSecond.map(Numbers.rate) ?? "-",
          ] + (0..<4).map { $0 < times.count ? Numbers.duration(nanoseconds: Double(times[$0])) : "-" })
      }
      return Self.article(
        "Latency goal: \(panel)",
        "\(Self.goalText(goals[0])). Requests come by a schedule that is made before the run, whatever becomes of them.",
        [chart], [Self.table(rows)])
    }
  }

  private var replayParts: [Markup] {
    guard let replayed else { return [] }
    let slowest = replayed.replays.map(\.nanosecondsPerOperation).max() ?? 1
    var rows = [["model", "ns/operation", "p50", "p99", "p99.9", "longest", "undone"]]
    for replay in replayed.replays {
      let times = replay.latencies.map { [$0.p50, $0.p99, $0.p999, $0.greatest] } ?? []
      rows.append(
        [replay.model, Numbers.fixed(replay.nanosecondsPerOperation)]
          + (0..<4).map { $0 < times.count ? Numbers.duration(nanoseconds: Double(times[$0])) : "-" }
          + ["\(replay.latencies?.unfinished ?? 0)"])
    }
    let bars = replayed.replays.map { replay -> Markup in
      """
      <tr><th scope="row">\(replay.model)</th><td>\(Numbers.fixed(replay.nanosecondsPerOperation)) ns</td>\
      <td class="share"><span style="width:\(Int((replay.nanosecondsPerOperation / slowest * 100).rounded()))%"></span></td></tr>
      """
    }
    return [
      Self.article(
        "Replay", "\(replayed.text)",
        ["<section><h3>Time of an operation, without pauses</h3><table><tbody>\(bars)</tbody></table></section>"],
        [Self.table(rows)])
    ]
  }
}

#endif
