// SPDX-License-Identifier: Apache-2.0
//
// The asynchronous form of operations that may wait for long. The closure runs on a thread that may
// block.

extension ConcurrentDictionary {
  /// Runs operations on a thread that is not one of the tasks' pool, while the task is suspended.
  ///
  /// A thread of the pool that waits for a lock runs no other task meanwhile, and there are only as
  /// many as cores. That does not matter for operations on single keys. It does where others hold
  /// the lock for long (`withExclusive`, `withShared`, `removeAll(where:)`, `snapshot()` of many
  /// elements), or where the closure itself takes long:
  ///
  /// ```swift
  /// let total = await orders.offPool { $0.withExclusive { orders in orders.values.reduce(0) { $0 + $1.price } } }
  /// ```
  ///
  /// Sixteen threads at most wait that way in a process; more callers stand in line, suspended.
  ///
  /// - Parameter body: What to do with the dictionary; it runs exactly once, without the caller's
  ///   actor and task-local values, and does not see the task's cancellation.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws.
  /// - Complexity: That of the closure, and two changes of threads: some ten microseconds.
  /// - Blocking: None; suspends.
  public func offPool<Returned: Sendable, Failure: Error>(
    _ body: @escaping @Sendable (Self) throws(Failure) -> Returned
  ) async throws(Failure) -> Returned {
    try await WaitingThreads.shared.run { () throws(Failure) in try body(self) }
  }
}
