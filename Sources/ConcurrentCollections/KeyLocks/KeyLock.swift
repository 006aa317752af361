// SPDX-License-Identifier: Apache-2.0
//
// One lock of the pool and the queue in front of it. Everything here happens under the mutex of the lock's stripe; nothing here
// waits, but for ``WaitingThread/wait()``, or runs a caller's code.

import Synchronization

/// Somebody who waits for a key: a thread or a task.
@usableFromInline
enum KeyWaiter {
  /// A thread, parked at a semaphore of its own.
  case thread(WaitingThread)
  /// A task, suspended; the number identifies it when it gives up.
  case task(UInt, CheckedContinuation<WaitEnd, Never>)
}

/// A thread that waits for a key: it looks for some microseconds, then it is parked.
@usableFromInline
final class WaitingThread: Sendable {
  private static let waiting: UInt32 = 0
  private static let parked: UInt32 = 1
  private static let granted: UInt32 = 2

  /// At an address of its own, as it is parked at.
  private let state = PaddedArray<Atomic<UInt32>>(count: 1) { _ in Atomic(waiting) }

  @usableFromInline
  init() {}

  @usableFromInline
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

extension KeyWaiter {
  /// Tells the waiter that the key is its own.
  @usableFromInline
  func wake() {
    switch self {
    case .thread(let thread): thread.signal()
    case .task(_, let continuation): continuation.resume(returning: .granted)
    }
  }
}

/// A lock for whichever key needs one at the moment. It belongs to a key from the first who asks to the last who leaves, then to the
/// pool of its stripe.
///
/// The holder passes it on to the first in the queue, so it is never free while somebody waits.
@usableFromInline
final class KeyLock {
  private var queue: [KeyWaiter] = []
  private var first = 0

  @usableFromInline
  init() {}

  var waiterCount: Int { queue.count - first }

  @usableFromInline
  func append(_ waiter: KeyWaiter) { queue.append(waiter) }

  /// Takes the first in the queue out of it.
  @usableFromInline
  func popFirst() -> KeyWaiter? {
    guard first < queue.count else { return nil }
    defer {
      first += 1
      if first == queue.count {
        queue.removeAll(keepingCapacity: first <= 16)
        first = 0
      } else if first > 64, first * 2 > queue.count {
        queue.removeFirst(first)
        first = 0
      }
    }
    return queue[first]
  }

  /// Takes a task out of the queue; nil if its turn has come already.
  func remove(task number: UInt) -> CheckedContinuation<WaitEnd, Never>? {
    for index in first..<queue.count {
      if case .task(number, let continuation) = queue[index] {
        queue.remove(at: index)
        return continuation
      }
    }
    return nil
  }
}
