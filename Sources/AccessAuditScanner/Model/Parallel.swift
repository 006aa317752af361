// SPDX-License-Identifier: Apache-2.0
//
// Runs independent pieces of work on a few threads with large stacks. Independent of the kind of
// work.

#if Scanner

import Foundation
import Synchronization

/// Parallel work with deterministic results.
public enum Parallel {
  /// The number of processors, at most eight.
  public static var defaultThreads: Int { min(8, max(1, ProcessInfo.processInfo.activeProcessorCount)) }

  /// Walks of nested syntax need more stack than a worker of a thread pool has.
  static let stackBytes = 256 << 20

  /// The results of `body` for 0 up to `count`, in that order.
  ///
  /// - Complexity: the work of all calls, divided by the number of threads.
  static func map<Result: Sendable>(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    guard count > 0 else { return [] }
    let chunk = max(1, min(64, count / max(1, threads * 8)))
    let next = Atomic<Int>(0)
    let results = Mutex<[(Int, [Result])]>([])
    let done = DispatchSemaphore(value: 0)
    let work = Work {
      while true {
        let start = next.add(chunk, ordering: .relaxed).oldValue
        guard start < count else { break }
        let part = (start..<min(count, start + chunk)).map(body)
        results.withLock { $0.append((start, part)) }
      }
      done.signal()
    }
    let started = max(1, min(threads, (count + chunk - 1) / chunk))
    for _ in 0..<started {
      let thread = Thread { work.run() }
      thread.stackSize = stackBytes
      thread.start()
    }
    for _ in 0..<started { done.wait() }
    return results.withLock { $0.sorted { $0.0 < $1.0 }.flatMap { $0.1 } }
  }

  /// A closure that threads share; everything in it is atomic, locked, or constant.
  private final class Work: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

#endif
