// SPDX-License-Identifier: Apache-2.0
//
// Lets operations on single keys in together and operations on everything alone. It suspends tasks
// and holds no thread; nothing of a caller's runs under its mutex.

public import Synchronization

/// A reader/writer lock for tasks: shared for operations on keys, exclusive for those on the whole
/// dictionary. First come, first served.
///
/// Shared entrants count themselves in a stripe of their thread's and look at a flag, as in
/// ``ReadWriteLocked``. The flag is up while somebody is inside exclusively or waits; then
/// everybody goes through the mutex and its queue.
@usableFromInline
final class AsyncReadWriteLock: Sendable {
  /// Where a task has counted itself; it leaves there, on whatever thread it is by then.
  @usableFromInline typealias Stripe = UnsafeMutablePointer<Atomic<Int>>

  private struct State: ~Copyable {
    var isExclusiveInside = false
    /// The waiters' tags are the numbers of their stripes, or `alone`.
    var queue = WaitQueue()
  }

  /// The tag of one who wants to be alone.
  private static let alone = -1

  @usableFromInline let stripes: PaddedArray<Atomic<Int>>
  @usableFromInline let flag: PaddedArray<Atomic<Bool>>
  private let state = LockedArray<State>(count: 1) { _ in State() }

  @usableFromInline
  init() {
    stripes = PaddedArray(count: Machine.powerOfTwo(atLeast: 2 * Machine.cores)) { _ in Atomic(0) }
    flag = PaddedArray(count: 1) { _ in Atomic(false) }
  }

  // MARK: Together

  /// Enters if nobody is alone inside or waits.
  @usableFromInline
  func tryEnterShared() -> Stripe? {
    let stripe = stripes.pointer(ThreadRegistry.current.pointee.index & (stripes.count &- 1))
    stripe.pointee.add(1, ordering: .sequentiallyConsistent)
    // Pairs with the raising of the flag before the look at the stripes: one of the two sees the
    // other.
    if !flag.pointer(0).pointee.load(ordering: .sequentiallyConsistent) { return stripe }
    leaveShared(stripe)
    return nil
  }

  /// Enters, or throws without having entered. The task has to wait, or almost.
  @usableFromInline
  func enterShared(
    until deadline: Moment, isolation: isolated (any Actor)? = #isolation
  ) async throws(SafeDictionaryError) -> Stripe {
    let stripe = ThreadRegistry.current.pointee.index & (stripes.count &- 1)
    _ = try await enter(stripe, until: deadline)
    return stripes.pointer(stripe)
  }

  @usableFromInline
  func leaveShared(_ stripe: Stripe) {
    stripe.pointee.subtract(1, ordering: .sequentiallyConsistent)
    if flag.pointer(0).pointee.load(ordering: .sequentiallyConsistent) { admitNext() }
  }

  // MARK: Alone

  /// Enters, or throws without having entered.
  ///
  /// - Returns: Whether the task had to wait.
  @usableFromInline
  func enterExclusive(
    until deadline: Moment, isolation: isolated (any Actor)? = #isolation
  ) async throws(SafeDictionaryError) -> Bool {
    if Task.isCancelled { throw .cancelled }
    return try await enter(Self.alone, until: deadline)
  }

  @usableFromInline
  func leaveExclusive() {
    state.withLock(0) { $0.isExclusiveInside = false }
    admitNext()
  }

  // MARK: The queue

  private func enter(
    _ tag: Int, until deadline: Moment, isolation: isolated (any Actor)? = #isolation
  ) async throws(SafeDictionaryError) -> Bool {
    if state.withLock(0, { tryEnter(tag, &$0) }) { return false }
    let waiter = Waiter(tag: tag)
    let end = await TimedWait.wait(waiter, until: deadline) {
      state.withLock(0) { state in
        if tryEnter(tag, &state) { return false }
        state.queue.append(waiter)
        return true
      }
    } giveUp: { end in
      self.giveUp(waiter, end)
    }
    switch end {
    case .granted: return true
    case .cancelled: throw .cancelled
    case .expired: throw .deadlineExceeded
    }
  }

  /// Enters if nobody waits and nobody who is inside excludes it. Leaves the flag up if not, or if
  /// it is alone now.
  private func tryEnter(_ tag: Int, _ state: inout State) -> Bool {
    guard state.queue.isEmpty, !state.isExclusiveInside else { return false }
    if tag != Self.alone {
      stripes.pointer(tag).pointee.add(1, ordering: .sequentiallyConsistent)
      return true
    }
    flag.pointer(0).pointee.store(true, ordering: .sequentiallyConsistent)
    state.isExclusiveInside = isEmpty
    return state.isExclusiveInside
  }

  /// Whether nobody is inside together with others. Asked with the flag up.
  private var isEmpty: Bool {
    for index in 0..<stripes.count where stripes.pointer(index).pointee.load(ordering: .sequentiallyConsistent) != 0 {
      return false
    }
    return true
  }

  /// Lets in those at the head of the queue who may enter now, and lowers the flag when it is no
  /// longer needed.
  private func admitNext() {
    state.withLock(0) { admit(&$0) }?.grantAll()
  }

  /// - Returns: The waiters that are inside now, in a chain.
  private func admit(_ state: inout State) -> Waiter? {
    var admitted = WaiterChain()
    while let next = state.queue.first, !state.isExclusiveInside {
      if next.tag == Self.alone {
        guard isEmpty else { break }
        state.isExclusiveInside = true
      } else {
        stripes.pointer(next.tag).pointee.add(1, ordering: .sequentiallyConsistent)
      }
      _ = state.queue.remove(next)
      admitted.append(next)
    }
    if state.queue.isEmpty, !state.isExclusiveInside {
      flag.pointer(0).pointee.store(false, ordering: .sequentiallyConsistent)
    }
    return admitted.first
  }

  private func giveUp(_ waiter: Waiter, _ end: WaitEnd) {
    let (wasThere, admitted) = state.withLock(0) { state in
      // Those behind it may have waited only because it was there.
      state.queue.remove(waiter) ? (true, admit(&state)) : (false, nil)
    }
    if wasThere { waiter.end(end) }
    admitted?.grantAll()
  }
}
