// SPDX-License-Identifier: Apache-2.0
//
// One trial of the recall benchmark: threads released by a spinning gate access one dictionary;
// their overlap is left to chance. Parameters: RACE_THREADS, RACE_OPERATIONS. The number of
// operations until a violation is seen goes to stdout.

import AuditedCollections
import Foundation
import Synchronization

enum RecallScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "recall-write-write": { trial { shared, key, _ in shared.value[key] = key } },
    "recall-read-write": {
      trial { shared, key, worker in
        if worker % 2 == 0 { shared.value[key] = key } else { _ = shared.value[key] }
      }
    },
  ]

  private static func number(_ name: String, _ fallback: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? fallback
  }

  /// Progress of one thread, on a separate cache line.
  final class Progress: Sendable {
    let done = Atomic<Int>(0)
    private let padding: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)
  }

  static func trial(_ body: @escaping @Sendable (Shared<AuditedDictionary<Int, Int>>, Int, Int) -> Void) {
    let threads = number("RACE_THREADS", 2)
    let operations = number("RACE_OPERATIONS", 1_000)
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    let progress = (0..<threads).map { _ in Progress() }
    AccessAudit.onViolation { _ in
      print("operations \(progress.reduce(0) { $0 + $1.done.load(ordering: .relaxed) })")
      fflush(nil)
    }
    onSpinningThreads(threads) { worker in
      for i in 0..<operations {
        body(shared, i % 256, worker)
        progress[worker].done.store(i + 1, ordering: .relaxed)
      }
    }
  }

  /// Threads that spin until all have arrived: with enough cores they begin within nanoseconds of
  /// one another.
  static func onSpinningThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    let waiting = Counter()
    for worker in 0..<count {
      group.enter()
      Thread {
        waiting.increment()
        while waiting.value < count {}
        body(worker)
        group.leave()
      }.start()
    }
    group.wait()
  }
}
