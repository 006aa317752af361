// SPDX-License-Identifier: Apache-2.0
//
// The measurement of models: the curve against threads with its law, and the highest rate that
// holds the goal.

#if ReportTools && canImport(Glibc)
import AccessTraffic
import Foundation

struct ThroughputSettings {
  var models: [LoadModel]
  var threads: [Int]
  var readPercents: [Int]
  /// The share of operations of one key, and of those that visit all elements.
  var hotPercent: Int
  var visitPercent: Int
  var keyCounts: [Int]
  var keyTypes: [KeyType]
  var rounds: Int
  /// The length of one measurement; otherwise it follows from the time there is.
  var secondsPerCell: Double?
  /// `nil`: no goal is searched for.
  var goalNanoseconds: UInt64?
  var quantile: Double
  var seed: UInt64
}

struct ThroughputLab {
  let settings: ThroughputSettings
  let progress: Progress
  let cores: Int

  /// Adds what was measured to the report.
  func run(into report: inout LoadReport) {
    let goalShare = settings.goalNanoseconds == nil ? 0 : 0.6
    let panels = settings.keyTypes.flatMap { type in settings.keyCounts.map { (type, $0) } }
    for (index, (type, keys)) in panels.enumerated() {
      // What one panel has not needed the next ones have.
      progress.part(1 / Double(panels.count - index))
      let seconds = progress.partSeconds
      switch type {
      case .int: panel(Int.self, keys, seconds, goalShare, &report)
      case .string: panel(String.self, keys, seconds, goalShare, &report)
      }
    }
  }

  private func panel<Key: LoadKey>(
    _: Key.Type, _ keys: Int, _ seconds: Double, _ goalShare: Double, _ report: inout LoadReport
  ) {
    let stream = KeyStream<Key>(
      keys: keys, seed: settings.seed, hotPercent: settings.hotPercent, visitPercent: settings.visitPercent)
    let elements = KeyStream<Key>.elements(keys)
    let contenders = settings.models.map { Contender<Key>($0, elements) }
    let begin = progress.elapsed
    let curves = curves(contenders, stream, keys, seconds * (1 - goalShare), &report)
    report.curves += curves
    guard let goal = settings.goalNanoseconds else { return }
    let left = seconds - (progress.elapsed - begin)
    goals(contenders, stream, keys, goal, curves, left, &report)
  }

  private func place<Key: LoadKey>(
    _ contender: Contender<Key>, _ keys: Int, _ readPercent: Int
  ) -> LoadReport.Circumstances {
    .init(
      model: contender.model.name, keyType: Key.typeName, keys: keys, readPercent: readPercent,
      hotPercent: settings.hotPercent, visitPercent: settings.visitPercent)
  }

  private func curves<Key: LoadKey>(
    _ contenders: [Contender<Key>], _ stream: KeyStream<Key>, _ keys: Int, _ seconds: Double, _ report: inout LoadReport
  ) -> [LoadReport.Curve] {
    let cells = settings.readPercents.flatMap { reads in settings.threads.map { (reads, $0) } }
    let count = settings.rounds * cells.count * contenders.count
    let each = settings.secondsPerCell ?? min(max(seconds / Double(count) * 0.9, 0.02), 1)
    let end = progress.elapsed + max(seconds, each * Double(contenders.count))
    var curves: [LoadReport.Circumstances: LoadReport.Curve] = [:]
    var order: [LoadReport.Circumstances] = []
    for reads in settings.readPercents {
      for contender in contenders {
        let place = place(contender, keys, reads)
        order.append(place)
        curves[place] = .init(circumstances: place, points: [])
      }
    }
    // The first run of each warms its memory and does not count.
    for contender in contenders {
      _ = contender.closed(ClosedTrial(threads: 1, readPercent: 50, seconds: min(each, 0.05)), stream)
    }
    var rounds = 0
    for round in 0..<settings.rounds {
      for (reads, threads) in cells {
        // Forwards and backwards in turn, so that none always follows the same one.
        for contender in round.isMultiple(of: 2) ? contenders : contenders.reversed() {
          if contender.model.isForOneThread, threads > 1 { continue }
          if progress.elapsed > end, round > 0 || settings.secondsPerCell == nil { break }
          progress.say("throughput of \(contender.model.name), \(threads) threads, round \(round + 1)")
          let perSecond = contender.closed(
            ClosedTrial(threads: threads, readPercent: reads, seconds: each), stream)
          let place = place(contender, keys, reads)
          let index = curves[place]?.points.firstIndex { $0.threads == threads }
          if let index {
            curves[place]?.points[index].rounds.append(perSecond)
          } else {
            curves[place]?.points.append(.init(threads: threads, rounds: [perSecond]))
          }
        }
      }
      rounds = round + 1
      if progress.elapsed > end { break }
    }
    if rounds < settings.rounds {
      report.notes.append("the time was enough for \(rounds) of \(settings.rounds) rounds of throughput, \(keys) keys")
    }
    return order.compactMap { place in
      guard var curve = curves[place], !curve.points.isEmpty else { return nil }
      curve.points.sort { $0.threads < $1.threads }
      if curve.points.count > 1 {
        curve.fit = ScalabilityFit(
          measured: curve.points.map { ($0.threads, $0.rounds) }, cores: cores, seed: settings.seed)
      }
      return curve
    }
  }

  private func goals<Key: LoadKey>(
    _ contenders: [Contender<Key>], _ stream: KeyStream<Key>, _ keys: Int, _ goal: UInt64,
    _ curves: [LoadReport.Curve], _ seconds: Double, _ report: inout LoadReport
  ) {
    let cells = settings.readPercents.flatMap { reads in
      settings.threads.flatMap { threads in
        contenders.filter { !$0.model.isForOneThread || threads == 1 }.map { (reads, threads, $0) }
      }
    }
    let trial = min(max(seconds / Double(cells.count) / 14, 0.1), 2)
    let end = progress.elapsed + seconds
    var generators: [Int: Double] = [:]
    var skipped = 0
    for (reads, threads, contender) in cells {
      if progress.elapsed > end {
        skipped += 1
        continue
      }
      progress.say("highest rate of \(contender.model.name), \(threads) threads")
      var plan = OpenTrial(threads: threads, readPercent: reads, perSecond: 1e8, seconds: 0.1, seed: settings.seed)
      let isAsync = contender.model.isAsync
      let lab = threads * 2 + (isAsync ? 1 : 0)
      if generators[lab] == nil {
        // More than can be: as many as can be.
        plan.patience = 0
        generators[lab] = Double(Contender<Key>.empty(isAsync: isAsync).open(plan, stream).served) / plan.seconds
      }
      let generator = generators[lab] ?? 0
      let place = place(contender, keys, reads)
      let closed = curves.first { $0.circumstances == place }?.points.first { $0.threads == threads }?.median
      let found = GoalSearch.run(
        first: min(closed ?? 1e5, generator) / 2, isLeft: { progress.elapsed < end + 1 },
        holds: { $0.holds(settings.quantile, within: goal, threads: threads) },
        trial: { rate, isLong in
          var plan = OpenTrial(
            threads: threads, readPercent: reads, perSecond: rate, seconds: trial, seed: settings.seed)
          if isLong { plan.seconds *= 2 }
          // Enough to see that not all was done.
          plan.patience = plan.seconds / 4
          return contender.open(plan, stream)
        })
      report.goals.append(
        .init(
          circumstances: place, threads: threads, quantile: settings.quantile, goalNanoseconds: goal,
          perSecond: found.holds?.rate, failedPerSecond: found.fails,
          latencies: found.holds.map { .init($0.result.latencies, unfinished: $0.result.unfinished) },
          generatorPerSecond: generator))
    }
    if skipped > 0 {
      report.notes.append("the time was not enough for \(skipped) of \(cells.count) latency goals, \(keys) keys")
    }
  }
}
#endif
