// SPDX-License-Identifier: Apache-2.0
//
// Threads that end at unexpected points, and a main thread that never returns.

import AuditedCollections
import Foundation

enum ThreadScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "pthread-exit-in-write": { endInWindow(writing: true) { pthread_exit(nil) } },
    "pthread-exit-in-read": { endInWindow(writing: false) { pthread_exit(nil) } },
    "pthread-cancel-in-write": { endInWindow(writing: true, cancelling: true) { sleepForEver() } },
    "pthread-cancel-in-read": { endInWindow(writing: false, cancelling: true) { sleepForEver() } },
    "main-blocked": { mainBlocked() },
  ]

  /// `sleep` is a cancellation point.
  static func sleepForEver() { while true { sleep(1_000) } }

  /// A thread ends inside an access, by its own call or because another one cancels it. Then other
  /// threads use the dictionary, and new threads a new one.
  static func endInWindow(writing: Bool, cancelling: Bool = false, _ end: @escaping @Sendable () -> Void) {
    let holder = Holder()
    // So that a read finds a key to compare.
    holder.value[GatedKey(7)] = [7]
    let trap = Trap()
    let isInside = Gate()
    trap.arm {
      isInside.open()
      end()
    }
    let thread = RawThread {
      if writing {
        holder.value[GatedKey(1, trap)] = [1]
      } else {
        OverlapScenarios.slowReader(holder, GatedKey(1, trap))
      }
    }
    isInside.wait()
    if cancelling { pthread_cancel(thread.handle) }
    thread.join()
    print("ended")
    // One more than the number of arguments: unknown to the optimiser, so that all reads have the
    // same stack.
    for i in 0...CommandLine.arguments.count { _ = holder.value[GatedKey(i)] }
    let other = Shared<AuditedDictionary<Int, Int>>([:])
    for round in 0..<20 {
      onThreads(1) { _ in for i in 0..<50 { other.value[i] = round } }
    }
    precondition(other.value.count == 50)
  }

  /// The main thread waits for something that never happens; two others race.
  static func mainBlocked() {
    let shared = Shared<AuditedDictionary<GatedKey, Int>>([:])
    let trap = Trap()
    let isInside = Gate()
    trap.arm {
      isInside.open()
      Waiting.untilReported()
    }
    let first = RawThread { shared.value[GatedKey(1, trap)] = 1 }
    let second = RawThread {
      isInside.wait()
      shared.value[GatedKey(2)] = 2
    }
    // Under `report` another thread ends the process while the main thread still waits.
    let end = RawThread {
      first.join()
      second.join()
      exit(0)
    }
    DispatchSemaphore(value: 0).wait()
    end.join()
  }
}

/// A POSIX thread, which can be made to end from outside, unlike Foundation's.
final class RawThread: @unchecked Sendable {
  private(set) var handle = pthread_t()

  init(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Body(run: body))
    let status = pthread_create(
      &handle, nil,
      { argument in
        // Unretained: a thread that ends inside would not release it.
        Unmanaged<Body>.fromOpaque(argument!).takeUnretainedValue().run()
        return nil
      }, box.toOpaque())
    precondition(status == 0)
  }

  func join() { pthread_join(handle, nil) }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
