// SPDX-License-Identifier: Apache-2.0
//
// One lock for each key, for tasks. No thread waits here; callers' closures run with a key held and
// no mutex of ours.

/// Why a task did not get a key.
public enum KeyLockError: Error, Equatable, Sendable {
  /// The task was cancelled while it waited.
  case cancelled
  /// The deadline passed while it waited.
  case deadlineExceeded
}

extension KeyLocks {
  /// Runs a closure while the task holds a key.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - deadline: Until when to wait for the key; for ever when left out. It does not bound the
  ///     closure.
  ///   - isolation: The caller's actor, where the closure runs.
  ///   - body: What to do; it may suspend.
  /// - Throws: ``KeyLockError`` when the task was cancelled or the deadline passed before the key
  ///   was the task's, in which case the closure has not run; else what the closure throws.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: None; suspends until the callers that came before for this key have left.
  public func withAsyncLock<Result>(
    _ key: Key, deadline: ContinuousClock.Instant? = nil, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
  ) async throws -> Result {
    try await ReentrancyOfTasks.check(self, "withAsyncLock(_:deadline:_:)") {
      let hash = hasher.hash(key)
      try await acquire(.key(key), hash, .exclusive, deadline)
      defer { release(.key(key), hash) }
      return try await body()
    }
  }

  /// Runs a closure while the task holds two keys, taken in the order that cannot deadlock.
  ///
  /// Equal keys are taken once.
  ///
  /// - Parameters:
  ///   - first: A key.
  ///   - second: The other key.
  ///   - deadline: Until when to wait for both keys; for ever when left out. It does not bound the
  ///     closure.
  ///   - isolation: The caller's actor, where the closure runs.
  ///   - body: What to do; it may suspend.
  /// - Throws: ``KeyLockError`` when the task was cancelled or the deadline passed before both keys
  ///   were the task's: neither is held then and the closure has not run; else what the closure
  ///   throws.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: None; suspends until the callers that came before for either key have left.
  public func withAsyncLocks<Result>(
    _ first: Key, _ second: Key, deadline: ContinuousClock.Instant? = nil,
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
  ) async throws -> Result {
    try await ReentrancyOfTasks.check(self, "withAsyncLocks(_:_:deadline:_:)") {
      let plan = acquisitionPlan(first, second)
      if plan.hasEqualHashes { try await acquire(.equalHashes, 0, .exclusive, deadline) }
      var taken: [(Key, UInt)] = []
      defer { for (key, hash) in taken.reversed() { release(.key(key), hash) } }
      do {
        defer { if plan.hasEqualHashes { release(.equalHashes, 0) } }
        for (key, hash) in plan.keys {
          try await acquire(.key(key), hash, .exclusive, deadline)
          taken.append((key, hash))
        }
      }
      return try await body()
    }
  }

  /// Takes a key for the task, or throws without holding it.
  func acquire(
    _ target: Target, _ hash: UInt, _ access: KeyAccess, _ deadline: ContinuousClock.Instant?,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(KeyLockError) {
    if Task.isCancelled { throw .cancelled }
    if tryAcquire(target, hash, access) { return }
    if let deadline, deadline <= .now { throw .deadlineExceeded }
    try await wait(target, hash, access, until: deadline.map { Moment($0) })
  }

  /// Waits for a key that was held a moment ago.
  func wait(
    _ target: Target, _ hash: UInt, _ access: KeyAccess, until deadline: Moment?,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(KeyLockError) {
    let waiter = Waiter(tag: access.rawValue)
    let end = await TimedWait.wait(waiter, until: deadline) {
      stripes.withLock(stripe(hash)) { stripe in
        if stripe.tryAcquire(target, hash, access) { return false }
        stripe.wait(for: target, hash, waiter)
        return true
      }
    } giveUp: { end in
      self.giveUp(waiter, hash, end)
    }
    switch end {
    case .granted: return
    case .cancelled: throw .cancelled
    case .expired: throw .deadlineExceeded
    }
  }

  /// Leaves the queue; does nothing if the turn has come already.
  private func giveUp(_ waiter: Waiter, _ hash: UInt, _ end: WaitEnd) {
    let (wasThere, admitted) = stripes.withLock(stripe(hash)) { _ in waiter.lock?.remove(waiter) ?? (false, nil) }
    if wasThere { waiter.end(end) }
    admitted?.grantAll()
  }
}
