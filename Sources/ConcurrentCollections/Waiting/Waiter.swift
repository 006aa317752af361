// SPDX-License-Identifier: Apache-2.0
//
// Waiters, and the queue they wait in. A queue is used under its owner's mutex; nothing here
// waits, but for `WaitingThread.wait`, and nothing runs a caller's code.

import Synchronization

/// A task or a thread that waits in a queue.
///
/// It is linked into the queue itself, so that it leaves in constant time, wherever it stands.
@usableFromInline
final class Waiter: @unchecked Sendable {
  private enum Kind {
    case task
    case thread(WaitingThread)
  }

  private let kind: Kind
  /// Set before the waiter is in a queue, used by the one that takes it out.
  private var continuation: OrderedContinuation<WaitEnd>?

  /// What the owner of the queue wants to know of it.
  let tag: Int
  /// The lock whose queue it is in, for waiters of ``KeyLocks``.
  var lock: KeyLock?

  fileprivate(set) var isQueued = false
  fileprivate var next: Waiter?
  /// Alive as long as this one is queued: the queue holds all of its waiters.
  fileprivate unowned(unsafe) var previous: Waiter?

  /// Creates a task's waiter.
  init(tag: Int = 0) {
    kind = .task
    self.tag = tag
  }

  /// Creates a thread's waiter.
  init(_ thread: WaitingThread, tag: Int = 0) {
    kind = .thread(thread)
    self.tag = tag
  }

  func suspend(_ continuation: OrderedContinuation<WaitEnd>) { self.continuation = continuation }

  /// Ends the wait. The waiter is in no queue, and nobody's mutex is held.
  func end(_ end: WaitEnd) {
    switch kind {
    case .thread(let thread): thread.signal()
    case .task:
      let waiting = continuation
      continuation = nil
      waiting?.resume(returning: end)
    }
  }

  /// Ends the waits of this one and of those that were taken out of a queue together with it.
  @usableFromInline
  func grantAll() {
    var waiter: Waiter? = self
    while let granted = waiter {
      waiter = granted.next
      granted.next = nil
      granted.end(.granted)
    }
  }
}

/// Waiters in the order in which they came. Every operation takes constant time.
@usableFromInline
struct WaitQueue: ~Copyable {
  private(set) var first: Waiter?
  private var last: Waiter?
  private(set) var count = 0

  init() {}

  var isEmpty: Bool { first == nil }

  mutating func append(_ waiter: Waiter) {
    precondition(!waiter.isQueued, "a waiter in two queues")
    waiter.isQueued = true
    waiter.previous = last
    if let last { last.next = waiter } else { first = waiter }
    last = waiter
    count += 1
  }

  mutating func popFirst() -> Waiter? {
    guard let first else { return nil }
    _ = remove(first)
    return first
  }

  /// Takes a waiter out.
  ///
  /// - Returns: Whether it was still there: the caller ends its wait then, and nobody else does.
  mutating func remove(_ waiter: Waiter) -> Bool {
    guard waiter.isQueued else { return false }
    waiter.isQueued = false
    let (previous, next) = (waiter.previous, waiter.next)
    if let previous { previous.next = next } else { first = next }
    if let next { next.previous = previous } else { last = previous }
    waiter.next = nil
    waiter.previous = nil
    count -= 1
    return true
  }

  // The waiters would let go of each other one inside the other.
  deinit {
    var waiter = first
    while let left = waiter {
      waiter = left.next
      left.next = nil
    }
  }
}

/// Waiters that were taken out of a queue to be granted what they waited for, in their order.
struct WaiterChain {
  private(set) var first: Waiter?
  private var last: Waiter?

  mutating func append(_ waiter: Waiter) {
    if let last { last.next = waiter } else { first = waiter }
    last = waiter
  }
}

/// A thread that waits: it looks for some microseconds, then it is parked.
final class WaitingThread: Sendable {
  private static let waiting: UInt32 = 0
  private static let parked: UInt32 = 1
  private static let granted: UInt32 = 2

  /// At an address of its own, as it is parked at.
  private let state = PaddedArray<Atomic<UInt32>>(count: 1) { _ in Atomic(waiting) }

  func wait() {
    let word = state.pointer(0)
    for _ in 0..<64 {
      // Acquires what the last holder did. Pairs with the exchange in `signal`.
      if word.pointee.load(ordering: .acquiring) == Self.granted { return }
      Lock.rest(256)
    }
    let (_, seen) = word.pointee.compareExchange(
      expected: Self.waiting, desired: Self.parked, ordering: .acquiringAndReleasing)
    if seen == Self.granted { return }
    while word.pointee.load(ordering: .acquiring) != Self.granted { SystemCall.wait(word, while: Self.parked) }
  }

  func signal() {
    let word = state.pointer(0)
    if word.pointee.exchange(Self.granted, ordering: .acquiringAndReleasing) == Self.parked {
      SystemCall.wake(word, 1)
    }
  }
}
