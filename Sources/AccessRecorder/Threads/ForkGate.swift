// SPDX-License-Identifier: Apache-2.0
//
// What must not be cut in two by a fork: work inside libraries whose locks nobody frees in the child, above all unwinding and
// symbolication, which lock the loader's list of images. Nothing here allocates; every wait is bounded.

internal import Glibc
internal import Synchronization

/// Keeps a fork and such work apart: work that has begun is waited for, and new work waits for the fork.
package enum ForkGate {
  private static let busy = Atomic<Int>(0)
  private static let isForking = Atomic<Bool>(false)
  /// How often 50 µs are waited for at most: a fifth of a second.
  private static let roundLimit = 4_000

  /// Begins work that a fork must not cut in two.
  ///
  /// - Blocking: while another thread forks, at most a fifth of a second.
  package static func enter() {
    for _ in 0..<roundLimit {
      busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
      if !isForking.load(ordering: .sequentiallyConsistent) { return }
      busy.wrappingSubtract(1, ordering: .sequentiallyConsistent)
      usleep(50)
    }
    busy.wrappingAdd(1, ordering: .sequentiallyConsistent)
  }

  package static func leave() { busy.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

  package static func inside<Result>(_ body: () -> Result) -> Result {
    enter()
    defer { leave() }
    return body()
  }

  /// Calls out, from inside, to code that may take its time, or fork.
  package static func outside(_ body: () -> Void) {
    leave()
    defer { enter() }
    body()
  }

  /// Called before a fork: waits until nobody is inside.
  static func close() {
    isForking.store(true, ordering: .sequentiallyConsistent)
    var rounds = 0
    while busy.load(ordering: .sequentiallyConsistent) > 0, rounds < roundLimit {
      rounds += 1
      usleep(50)
    }
  }

  /// Called in the parent.
  static func open() { isForking.store(false, ordering: .sequentiallyConsistent) }

  /// Called in the child, where nobody else is left.
  static func reopen() {
    busy.store(0, ordering: .sequentiallyConsistent)
    open()
  }
}

/// What a fork asks of everything that records: called by the engine's handlers.
package enum ForkedRecording {
  package static func prepare() {
    // The gate first: work inside takes the locks.
    ForkGate.close()
    ForkSafeWord.lockAll()
  }

  package static func resumeInParent() {
    ForkSafeWord.unlockTaken()
    ForkGate.open()
  }

  package static func resumeInChild() {
    ForkGate.reopen()
    ForkSafeWord.unlockAll()
    ThreadRegistry.keepOnlyCallingThread()
  }
}
