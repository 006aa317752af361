// SPDX-License-Identifier: Apache-2.0
//
// Recorded traffic against each model: what is played when, and what it comes to.

#if ReportTools && canImport(Glibc)
import AccessTraffic
import Foundation

enum ReplayOptions {
  static func run(
    _ file: String, _ collection: String?, _ speed: Double, _ options: ThroughputOptions, _ common: CommonOptions
  ) throws {
    var report = common.makeReport()
    common.noteBuild(&report)
    let plan: ReplayPlan
    do { plan = try ReplayPlan(of: file, collection: collection) } catch { throw LabError.usage("\(error)") }
    report.notes += plan.notes
    let progress = Progress(minutes: common.minutes)
    let keyType = options.keyTypes.choices.first ?? .int
    report.replayed =
      keyType == .int
      ? replay(Int.self, plan, file, speed, options, progress, &report.notes)
      : replay(String.self, plan, file, speed, options, progress, &report.notes)
    progress.end()
    try common.put(report)
  }

  private static func replay<Key: LoadKey>(
    _: Key.Type, _ plan: ReplayPlan, _ file: String, _ speed: Double, _ options: ThroughputOptions,
    _ progress: Progress, _ notes: inout [String]
  ) -> LoadReport.ReplayedTraffic {
    let models = options.models.choices.filter { !$0.isForOneThread || plan.threads.count == 1 }
    let elements = ReplayRun.elements(plan, Key.self)
    var rounds: [LoadModel: [Double]] = [:]
    progress.part(0.5)
    for round in 0...options.rounds {
      if round > 1, !progress.isLeft { break }
      for model in round.isMultiple(of: 2) ? models : models.reversed() {
        progress.say("replay with \(model.name), round \(round)")
        let time = withoutPauses(model, plan, elements, seconds: options.cellSeconds ?? 0.1)
        // The first round warms the memory, and does not count.
        if round > 0 { rounds[model, default: []].append(time) }
      }
    }
    // What is left is shared by the models; a recording of hours is played faster.
    progress.part(1)
    let each = progress.partSeconds / Double(max(models.count, 1)) * 0.9
    let used = max(speed, plan.seconds / max(each - 1, each / 2))
    if used > speed {
      notes.append(
        "latencies are those at \(Int(used.rounded(.up))) times the recorded speed: the minutes allow no less")
    }
    let replays = models.map { model -> LoadReport.Replay in
      progress.say("latencies with \(model.name)")
      let outcome = Contender(model, elements.mapValues { $0 }).replayed(ReplayRun(plan: plan, speed: used))
      let times = rounds[model] ?? []
      return .init(
        model: model.name, nanosecondsPerOperation: times.sorted()[times.count / 2], rounds: times,
        latencies: .init(outcome.latencies, unfinished: outcome.unfinished))
    }
    return .init(
      file: file, collection: plan.collection, operations: plan.operations, threads: plan.threads.count,
      keys: plan.keys, readShare: plan.readShare, seconds: plan.seconds, speed: used,
      replays: replays.sorted { $0.nanosecondsPerOperation < $1.nanosecondsPerOperation })
  }

  /// Nanoseconds an operation, over as many passes as fill the time. Each pass has a dictionary of
  /// its own: what the traffic inserts is not there.
  static func withoutPauses<Key: LoadKey>(
    _ model: LoadModel, _ plan: ReplayPlan, _ elements: [Key: Int], seconds: Double
  ) -> Double {
    var (nanoseconds, operations, passes) = (0.0, 0, 0)
    let begin = monotonicNanoseconds()
    while passes == 0 || (nanoseconds < seconds * 1e9 && Double(monotonicNanoseconds() - begin) < seconds * 4e9) {
      // Of its own from the start: a copy at the first write would count.
      let outcome = Contender(model, elements.mapValues { $0 }).replayed(ReplayRun(plan: plan, speed: nil))
      nanoseconds += Double(outcome.nanoseconds)
      operations += outcome.operations
      passes += 1
    }
    return nanoseconds / Double(max(operations, 1))
  }
}
#endif
