// SPDX-License-Identifier: Apache-2.0
//
// The lock of the engine's cold state: one that can be held across a fork, so that the child finds every state whole and
// every lock free. Never taken by an access's fast path.

internal import Glibc
internal import Synchronization

/// The word of a lock, in the list of all.
package class ForkSafeWord {
  /// 0: free; 1: held; 2: held for a fork.
  fileprivate let word = Atomic<UInt32>(0)
  fileprivate var next: UInt = 0

  /// Locks live as long as the process; the list holds them by address.
  private static let list = Atomic<UInt>(0)

  fileprivate init() {
    let address = UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())
    var head = Self.list.load(ordering: .relaxed)
    while true {
      next = head
      let result = Self.list.compareExchange(expected: head, desired: address, ordering: .acquiringAndReleasing)
      if result.exchanged { return }
      head = result.original
    }
  }

  fileprivate final func lock() {
    var rounds = 0
    while !word.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged {
      rounds += 1
      if rounds < 100 { sched_yield() } else { usleep(50) }
    }
  }

  fileprivate final func unlock() { word.store(0, ordering: .releasing) }

  /// Takes every lock before a fork. What cannot be had in a fifth of a second, because two threads wait for each other,
  /// is left alone.
  static func lockAll() {
    forEach { lock in
      for _ in 0..<4_000 {
        if lock.word.compareExchange(expected: 0, desired: 2, ordering: .acquiring).exchanged { return }
        usleep(50)
      }
    }
  }

  /// Frees the locks that `lockAll` took; called in the parent.
  static func unlockTaken() {
    forEach { _ = $0.word.compareExchange(expected: 2, desired: 0, ordering: .releasing) }
  }

  /// Frees every lock; called in the child, where nobody is left to hold one.
  static func unlockAll() { forEach { $0.unlock() } }

  private static func forEach(_ body: (ForkSafeWord) -> Void) {
    var address = list.load(ordering: .acquiring)
    while let pointer = UnsafeRawPointer(bitPattern: address) {
      let lock = Unmanaged<ForkSafeWord>.fromOpaque(pointer).takeUnretainedValue()
      body(lock)
      address = lock.next
    }
  }
}

/// A state and its lock.
package final class ForkSafeLock<State>: ForkSafeWord, @unchecked Sendable {
  private var state: State

  package init(_ state: State) {
    self.state = state
    super.init()
  }

  /// Runs `body` alone.
  ///
  /// - Blocking: yields, then sleeps in steps of 50 µs, until the lock is free. Not reentrant.
  package func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body(&state)
  }
}
