// SPDX-License-Identifier: Apache-2.0
//
// Races left to chance, for recall and robustness: nothing forces an overlap here, so nothing is
// asserted about one run.

import AuditedCollections
import Foundation

enum StressScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "stress-write-write": { race(threads: 2, operations: 1_000) { $0.value[$1 % 256] = $1 } },
    "stress-write-write-4": { race(threads: 4, operations: 1_000) { $0.value[$1 % 256] = $1 } },
    "stress-write-write-100": { race(threads: 2, operations: 100) { $0.value[$1 % 256] = $1 } },
    "stress-read-write": { readersAndWriters(threads: 2, operations: 1_000) },
    "stress-read-write-4": { readersAndWriters(threads: 4, operations: 1_000) },
    "shield-survives": { shieldSurvives() },
    "stress-replace": { replaceWhileReading() },
    "stress-nested": { nestedMutation() },
    "stress-grow-read": { growWhileReading() },
    "stress-grow-shrink": { growAndShrink() },
  ]

  /// The number of repetitions of the loops below, for rare races.
  static let rounds = ProcessInfo.processInfo.environment["RACE_ROUNDS"].flatMap(Int.init) ?? 1

  static func race(
    threads: Int, operations: Int,
    _ body: @escaping @Sendable (Shared<AuditedDictionary<Int, Int>>, Int) -> Void
  ) {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    onThreads(threads) { worker in
      for i in 0..<operations { body(shared, i &* (worker + 1)) }
    }
  }

  static func readersAndWriters(threads: Int, operations: Int) {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    onThreads(threads) { worker in
      for i in 0..<operations {
        if worker % 2 == 0 { shared.value[i % 256] = i } else { _ = shared.value[i % 256] }
      }
    }
  }

  /// Eight threads race on one dictionary for RACE_SECONDS seconds, each on separate keys, so that
  /// the dictionary's final content is known. A late read is guaranteed to find its elements from
  /// the first race on, so one race is made before.
  static func shieldSurvives() {
    seeOneRace()
    let seconds = ProcessInfo.processInfo.environment["RACE_SECONDS"].flatMap(Double.init) ?? 5
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    let models = (0..<8).map { _ in Shared<[Int: Int]>([:]) }
    let operations = Counter()
    onThreads(8) { worker in
      let deadline = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
      var step = worker &* 7_919
      while DispatchTime.now().uptimeNanoseconds < deadline {
        for _ in 0..<1_000 {
          step = step &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          let key = (abs(step >> 33) % 512) * 8 + worker
          switch abs(step >> 20) % 8 {
          case 0, 1, 2:
            shared.value[key] = step
            models[worker].value[key] = step
          case 3:
            shared.value.removeValue(forKey: key)
            models[worker].value[key] = nil
          case 4: precondition(shared.value.count >= 0)
          case 5:
            var sum = 0
            if step & 1023 == 5 { for element in shared.value { sum &+= element.value } }
          default:
            let (found, wanted) = (shared.value[key], models[worker].value[key])
            // Not a precondition, whose message an optimised build does not print.
            if found != wanted { fatalError("key \(key) has \(found as Any) instead of \(wanted as Any)") }
          }
        }
        operations.increment()
      }
    }
    var expected: [Int: Int] = [:]
    for model in models { expected.merge(model.value) { _, _ in fatalError("keys are not apart") } }
    if shared.value.dictionary != expected { fatalError("the dictionary is not what the model says") }
    print("\(operations.value) thousand operations, \(expected.count) elements intact")
    AccessAudit.flush()
    let pairs = AccessAudit.violations.map { "\($0.kind) \($0.detected.stack) \($0.conflicting.stack)" }
    let losses = AccessAudit.diagnostics().losses
    print("reports \(pairs.count) distinct \(Set(pairs).count) waits given up \(losses.waits)")
  }

  @inline(never)
  private static func seeOneRace() {
    let shared = Shared<AuditedDictionary<GatedKey, Int>>([:])
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together(
      { shared.value[GatedKey(1, trap)] = 1 },
      {
        inside.wait()
        _ = shared.value[GatedKey(2)]
      })
  }

  /// Whole assignments beside reads: no code of the audit runs in an assignment.
  static func replaceWhileReading() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    onThreads(2) { worker in
      for i in 0..<20_000 * rounds {
        if worker == 0 { shared.value = [i + 2: i, 1: 1] } else { _ = shared.value[1] }
      }
    }
  }

  static func nestedMutation() {
    let shared = Shared<AuditedDictionary<Int, [Int]>>([1: []])
    onThreads(2) { worker in
      for i in 0..<5_000 * rounds {
        if worker == 0 { shared.value[1]?.append(i) } else { _ = shared.value[1]?.count }
      }
    }
  }

  static func growWhileReading() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    onThreads(2) { worker in
      for i in 0..<10_000 * rounds {
        if worker == 1 {
          _ = shared.value[i % 512]
        } else if i / 512 % 2 == 0 {
          shared.value[i % 512] = i
        } else {
          shared.value[i % 512] = nil
        }
      }
    }
  }

  static func growAndShrink() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    onThreads(4) { worker in
      for i in 0..<5_000 {
        if i % 3 == worker % 3 { shared.value[i % 512] = nil } else { shared.value[i % 512] = i }
      }
    }
  }
}
