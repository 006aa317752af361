// SPDX-License-Identifier: Apache-2.0
//
// Lets operations on single keys in together and operations on everything alone. It suspends tasks and holds no thread; nothing of a
// caller's runs under its mutex.

public import Synchronization

/// A reader/writer lock for tasks: shared for operations on keys, exclusive for those on the whole dictionary. First come, first served.
///
/// Shared entrants count themselves in a stripe of their thread's and look at a flag, as in ``ReadWriteLocked``. The flag is up while somebody is
/// inside exclusively or waits; then everybody goes through the mutex and its queue.
@usableFromInline
final class OperationGate: Sendable {
  /// Where a task has counted itself; it leaves there, on whatever thread it is by then.
  @usableFromInline typealias Stripe = UnsafeMutablePointer<Atomic<Int>>

  private struct Waiter {
    var number: UInt
    /// Nil for one who wants to be alone.
    var stripe: Stripe?
    var continuation: CheckedContinuation<WaitEnd, Never>
  }

  private struct State {
    var isExclusiveInside = false
    var queue: [Waiter] = []
    var lastNumber: UInt = 0
  }

  @usableFromInline let stripes: PaddedArray<Atomic<Int>>
  @usableFromInline let flag: PaddedArray<Atomic<Bool>>
  private let state = Guarded(State())

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
    // Pairs with the raising of the flag before the look at the stripes: one of the two sees the other.
    if !flag.pointer(0).pointee.load(ordering: .sequentiallyConsistent) { return stripe }
    leaveShared(stripe)
    return nil
  }

  /// Enters, or throws without having entered. The task has to wait, or almost.
  @usableFromInline
  func enterShared(
    until deadline: Moment, isolation: isolated (any Actor)? = #isolation
  ) async throws(SafeDictionaryError) -> Stripe {
    let stripe = stripes.pointer(ThreadRegistry.current.pointee.index & (stripes.count &- 1))
    _ = try await enter(stripe, until: deadline)
    return stripe
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
    return try await enter(nil, until: deadline)
  }

  @usableFromInline
  func leaveExclusive() {
    state.withLock { $0.isExclusiveInside = false }
    admitNext()
  }

  // MARK: The queue

  private func enter(
    _ stripe: Stripe?, until deadline: Moment, isolation: isolated (any Actor)? = #isolation
  ) async throws(SafeDictionaryError) -> Bool {
    let number = state.withLock { state -> UInt? in
      state.lastNumber += 1
      return tryEnter(stripe, &state) ? nil : state.lastNumber
    }
    guard let number else { return false }
    let end = await TimedWait.wait(until: deadline.instant) { continuation in
      let isInside = state.withLock { state in
        if tryEnter(stripe, &state) { return true }
        state.queue.append(Waiter(number: number, stripe: stripe, continuation: continuation))
        return false
      }
      if isInside { continuation.resume(returning: .granted) }
    } giveUp: { end in
      self.giveUp(number, end)
    }
    switch end {
    case .granted: return true
    case .cancelled: throw .cancelled
    case .expired: throw .deadlineExceeded
    }
  }

  /// Enters if nobody waits and nobody who is inside excludes it. Leaves the flag up if not, or if it is alone now.
  private func tryEnter(_ stripe: Stripe?, _ state: inout State) -> Bool {
    guard state.queue.isEmpty, !state.isExclusiveInside else { return false }
    if let stripe {
      stripe.pointee.add(1, ordering: .sequentiallyConsistent)
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

  /// Lets in those at the head of the queue who may enter now, and lowers the flag when it is no longer needed.
  private func admitNext() {
    let admitted = state.withLock { admit(&$0) }
    for continuation in admitted { continuation.resume(returning: .granted) }
  }

  private func admit(_ state: inout State) -> [CheckedContinuation<WaitEnd, Never>] {
    var admitted = 0
    while admitted < state.queue.count, !state.isExclusiveInside {
      if let stripe = state.queue[admitted].stripe {
        stripe.pointee.add(1, ordering: .sequentiallyConsistent)
      } else {
        guard isEmpty else { break }
        state.isExclusiveInside = true
      }
      admitted += 1
    }
    let continuations = state.queue.prefix(admitted).map(\.continuation)
    state.queue.removeFirst(admitted)
    if state.queue.isEmpty, !state.isExclusiveInside {
      flag.pointer(0).pointee.store(false, ordering: .sequentiallyConsistent)
    }
    return continuations
  }

  private func giveUp(_ number: UInt, _ end: WaitEnd) {
    let (mine, admitted) = state.withLock { state in
      guard let index = state.queue.firstIndex(where: { $0.number == number }) else {
        return (CheckedContinuation<WaitEnd, Never>?.none, [CheckedContinuation<WaitEnd, Never>]())
      }
      let waiter = state.queue.remove(at: index)
      // Those behind it may have waited only because it was there.
      return (waiter.continuation, admit(&state))
    }
    mine?.resume(returning: end)
    for continuation in admitted { continuation.resume(returning: .granted) }
  }
}
