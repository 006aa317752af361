// SPDX-License-Identifier: Apache-2.0
//
// Keys that several hold at one time because they only look. Callers' closures run with a key held
// and no mutex of ours.

extension KeyLocks {
  /// Runs a closure while the calling thread holds a key together with others who share it.
  ///
  /// Nobody holds the key alone meanwhile. The closure must only read what the key protects.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: What to do; it runs exactly once.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws.
  /// - Precondition: The thread holds no key of this object, shared or not: one who waits for the
  ///   key alone stands between the two, and each would wait for the other. Debug builds stop the
  ///   process.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: Parks the thread until the callers that came before and hold the key
  ///   alone, or wait to, have left.
  @inlinable
  @available(*, noasync, message: "it parks a thread of the tasks' pool; use withAsyncSharedLock")
  public func withSharedLock<Result, Failure: Error>(
    _ key: Key, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    ReentrancyOfTasks.checkThread(self, "withSharedLock(_:_:)")
    Reentrancy.enter(self, type: "KeyLocks", operation: "withSharedLock(_:_:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    if !tryShare(key, hash) { acquire(.key(key), hash, .shared) }
    defer { release(key, hash) }
    return try body()
  }

  /// Runs a closure while the calling thread shares a key, or returns nil at once if somebody holds
  /// it alone or waits to.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: What to do; it runs once or not at all.
  /// - Returns: What the closure returns; nil if it did not run.
  /// - Throws: What the closure throws.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: None.
  @inlinable
  public func withSharedLockIfAvailable<Result, Failure: Error>(
    _ key: Key, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let hash = hasher.hash(key)
    guard tryShare(key, hash) else { return nil }
    defer { release(key, hash) }
    Reentrancy.enterWithoutWaiting(self, type: "KeyLocks", operation: "withSharedLockIfAvailable(_:_:)")
    defer { Reentrancy.leave(self) }
    return try body()
  }

  /// Runs a closure while the task holds a key together with others who share it.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - deadline: Until when to wait for the key; for ever when left out. It does not bound the
  ///     closure.
  ///   - isolation: The caller's actor, where the closure runs.
  ///   - body: What to do; it runs once or not at all, may suspend, and must only read what the key
  ///     protects.
  /// - Returns: What the closure returns.
  /// - Throws: ``KeyLockError`` when the task was cancelled or the deadline passed before the key
  ///   was the task's, in which case the closure has not run; else what the closure throws.
  /// - Precondition: The task holds no key of this object; debug builds stop the process.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: None; suspends until the callers that came before and hold the key
  ///   alone, or wait to, have left.
  public func withAsyncSharedLock<Result>(
    _ key: Key, deadline: ContinuousClock.Instant? = nil, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
  ) async throws -> Result {
    try await ReentrancyOfTasks.check(self, "withAsyncSharedLock(_:deadline:_:)") {
      let hash = hasher.hash(key)
      try await acquire(.key(key), hash, .shared, deadline)
      defer { release(key, hash) }
      return try await body()
    }
  }

  @inlinable
  func tryShare(_ key: Key, _ hash: UInt) -> Bool {
    stripes.withLock(stripe(hash)) { $0.tryShare(key, hash) }
  }
}
