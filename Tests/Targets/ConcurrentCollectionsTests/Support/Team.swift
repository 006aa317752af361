// SPDX-License-Identifier: Apache-2.0
//
// Threads for tests. The test's task is suspended while they run, so no thread of the tasks' pool
// is blocked.

import Foundation
import Synchronization
import TestSupport

@testable import ConcurrentCollections

/// Starts threads together and waits for their end.
enum Team {
  /// Runs the closure on a number of threads that begin at the same moment.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
    let barrier = Barrier(count)
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<count {
        group.addTask {
          await OrderedContinuation<Void>.suspend { continuation in
            let thread = Thread {
              barrier.wait()
              body(index)
              continuation.resume(returning: ())
            }
            thread.stackSize = 1 << 20
            thread.start()
          }
        }
      }
    }
  }
}

/// A condition that a test waits for and another thread sets.
final class Flag: Sendable {
  private let value = Atomic<Bool>(false)

  var isSet: Bool { value.load(ordering: .acquiring) }

  func set() { value.store(true, ordering: .releasing) }

  /// Blocks the calling thread; for threads of a team only.
  func wait() { while !isSet { sched_yield() } }

  /// Suspends the calling task; false if it was not set within a generous time.
  func waitAsync(_ limit: Duration = .seconds(60)) async -> Bool {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while !isSet {
      if ContinuousClock.now > deadline { return false }
      try? await Task.sleep(for: .milliseconds(1))
    }
    return true
  }
}

/// A list of events in their order.
final class Log: Sendable {
  private let entries = Guarded<[Int]>([])

  func append(_ entry: Int) { entries.withLock { $0.append(entry) } }

  var all: [Int] { entries.withLock { $0 } }
}

/// A counter.
final class Tally: Sendable {
  private let number = Atomic<Int>(0)

  func add() { number.add(1, ordering: .acquiringAndReleasing) }

  var value: Int { number.load(ordering: .acquiring) }
}
