// SPDX-License-Identifier: Apache-2.0
//
// The cells, and the order in which they are measured: all of a mode, then the next mode, then the
// next round.

import AuditedApplications
import AuditedCollections
import Foundation
import IntAuditedLoops
import IntPlainLoops
import LoopInterface
import PlainApplications
import StringAuditedLoops
import StringPlainLoops
import StructAuditedLoops
import StructPlainLoops

/// The measurements and their durations.
struct Plan {
  var seconds = 20.0
  /// The duration of a sample of the plain dictionary.
  var sampleNanoseconds = 1.0e6
  var modes = Mode.allCases
  var plainOnly = false
  var folder = URL(fileURLWithPath: ".")
}

/// Measures on a separate thread, whose stack begins with few frames.
final class Session: ThreadBody {
  private let plan: Plan

  init(_ plan: Plan) { self.plan = plan }

  override func main() {
    let subjects = [
      Subjects(key: "Int", plain: IntPlainLoops.Loops(), audited: IntAuditedLoops.Loops()),
      Subjects(key: "String", plain: StringPlainLoops.Loops(), audited: StringAuditedLoops.Loops()),
      Subjects(key: "64 bytes", plain: StructPlainLoops.Loops(), audited: StructAuditedLoops.Loops()),
    ]
    let least = subjects[0].plain.frameCount()
    var stages: [(mode: Mode, pairs: [Pair], threaded: [ThreadedPair], applications: [ApplicationPair])] = []
    let neighbours = (IntPlainLoops.Loops.neighbours(8), IntAuditedLoops.Loops.neighbours(8))
    for mode in plan.modes {
      let pairs = cells(mode, subjects).map { operation, subjects, frames in
        Pair(subjects, operation, Depth(frames: frames, least: least), subject: mode.rawValue)
      }
      stages.append((mode, pairs, threaded(mode, subjects[0], neighbours), applications(mode)))
    }
    let end = Date().addingTimeInterval(plan.seconds)
    var round = 0
    while round < 3 || Date() < end {
      for stage in stages {
        if !plan.plainOnly { stage.mode.switchOn() }
        // Forwards and backwards in turn, so that no pair is always the first after a switch.
        for pair in round % 2 == 0 ? stage.pairs : stage.pairs.reversed() {
          pair.measure(round: round, nanoseconds: plan.sampleNanoseconds, plainOnly: plan.plainOnly)
        }
        for pair in stage.threaded where !pair.isSlow || round % 5 == 0 {
          pair.measure(round: round, nanoseconds: plan.sampleNanoseconds)
        }
        for pair in stage.applications where round % 4 < 2 { pair.measure(round: round) }
      }
      round += 1
    }
    for stage in stages {
      for pair in stage.pairs { pair.sample.print() }
      for pair in stage.threaded { pair.sample.print() }
      for pair in stage.applications { pair.sample.print() }
    }
  }

  private func cells(_ mode: Mode, _ subjects: [Subjects]) -> [(LoopOperation, Subjects, Int)] {
    let operations: [LoopOperation] = [
      .set, .get, .miss, .insert, .remove, .update, .iterate, .copy, .create, .fork, .drop,
    ]
    var cells = subjects.flatMap { subjects in operations.map { ($0, subjects, 5) } }
    if mode == .on || plan.plainOnly {
      for frames in [10, 20, 40] { cells += [(.set, subjects[0], frames), (.get, subjects[0], frames)] }
      cells.append((.empty, subjects[0], 5))
    }
    return cells
  }

  private func threaded(
    _ mode: Mode, _ subjects: Subjects, _ neighbours: (plain: [LoopSet], audited: [LoopSet])
  ) -> [ThreadedPair] {
    guard [.off, .on, .shield].contains(mode), !plan.plainOnly else { return [] }
    return [1, 2, 4, 8].flatMap { threads -> [ThreadedPair] in
      let (plain, audited) = (Array(neighbours.plain.prefix(threads)), Array(neighbours.audited.prefix(threads)))
      let separate = [LoopOperation.set, .get].map { operation in
        ThreadedPair(
          plain: plain, audited: audited, operation, named: "\(operation), separate", subject: mode.rawValue)
      }
      // More threads than cores at one lock measure only the lock, and take long.
      guard threads <= 2 || mode == .on else { return separate }
      let locked = ThreadedPair(
        plain: Array(repeating: subjects.plain, count: threads),
        audited: Array(repeating: subjects.audited, count: threads), .locked, named: "update, one behind a Mutex",
        subject: mode.rawValue)
      return separate + [locked]
    }
  }

  private func applications(_ mode: Mode) -> [ApplicationPair] {
    guard [.off, .on, .shield].contains(mode) || plan.plainOnly else { return [] }
    let files = TextFiles.sources(plan.folder, bytes: Build.isDebug ? 30_000 : 200_000)
    let trees = Build.isDebug ? 60 : 600
    let messages = PlainApplications.OrderMessages.make(Build.isDebug ? 500 : 5_000)
    return [
      ApplicationPair(
        plain: PlainApplications.WordCount(files: files), audited: AuditedApplications.WordCount(files: files),
        subject: mode.rawValue, plainOnly: plan.plainOnly),
      ApplicationPair(
        plain: PlainApplications.TreeCoder(width: trees), audited: AuditedApplications.TreeCoder(width: trees),
        subject: mode.rawValue, plainOnly: plan.plainOnly),
      ApplicationPair(
        plain: PlainApplications.OrderBook(messages: messages),
        audited: AuditedApplications.OrderBook(messages: messages), subject: mode.rawValue, plainOnly: plan.plainOnly),
    ]
  }
}
