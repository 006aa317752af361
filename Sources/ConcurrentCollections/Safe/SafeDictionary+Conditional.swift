// SPDX-License-Identifier: Apache-2.0
//
// Operations on one key that depend on what it has. Each checks its deadline last right before it
// changes anything, and cannot fail after.

extension SafeDictionary {
  /// Reads, changes, inserts or removes the value of one key, as one atomic step.
  ///
  /// The closure runs at most once, on a copy: exactly once when the operation succeeds. When it
  /// throws, when it took longer than the deadline, or when the task was cancelled meanwhile, the
  /// dictionary is unchanged.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  ///   - body: What to do with the value, or with nil if there is none or it is too old; nil left
  ///     there removes it.
  /// - Returns: What the closure returns.
  /// - Throws: `deadlineExceeded`, `cancelled`, or `bodyFailed`; nothing was changed.
  /// - Complexity: That of the wrapped dictionary and the closure.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @inlinable
  public nonisolated(nonsending) func withValue<Result>(
    forKey key: Key, deadline: ContinuousClock.Instant? = nil, _ body: (inout Value?) throws -> Result
  ) async throws(SafeDictionaryError) -> Result {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      let hold = try await hold(key, span)
      let result: Result
      let old: Value?
      do throws(SafeDictionaryError) {
        var value = await present(key, at: .now)
        let wasThere = value != nil
        do { result = try body(&value) } catch { throw .bodyFailed(error) }
        try check(span, at: .now)
        if let value {
          old = await store(value, key).replaced
        } else {
          // Nil in the place of nil is no change, and leaves a load in progress alone.
          old = wasThere ? await takeOut(key).removed : nil
        }
      } catch {
        await release(hold)
        throw error
      }
      await release(hold, destroying: old)
      counters.finish(.update, span.start, at: .now)
      return result
    } catch { throw counters.fail(.update, span.start, error) }
  }

  /// Stores a value if the key has one already, as one atomic step.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  /// - Returns: The value it took the place of; nil if there was none, or one that was too old, and
  ///   nothing was stored.
  /// - Throws: `deadlineExceeded` or `cancelled`; nothing was stored.
  /// - Complexity: That of the wrapped dictionary.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @inlinable
  @discardableResult
  public nonisolated(nonsending) func updateValueIfPresent(
    _ value: Value, forKey key: Key, deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Value? {
    try await exchange(key, deadline, for: value) { _ in true }
  }

  /// Stores or removes, if the key has a value and that is as expected.
  ///
  /// - Returns: The value that was there; nil if nothing was changed.
  @usableFromInline
  nonisolated(nonsending) func exchange(
    _ key: Key, _ deadline: ContinuousClock.Instant?, for value: Value?, if isExpected: (Value) -> Bool
  ) async throws(SafeDictionaryError) -> Value? {
    let operation: SafeDictionaryOperation = value == nil ? .delete : .update
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      let hold = try await hold(key, span)
      var old: Value?
      if let present = await present(key, at: .now), isExpected(present) {
        do throws(SafeDictionaryError) { try check(span, at: .now) } catch {
          await release(hold)
          throw error
        }
        old = present
        if let value { _ = await store(value, key) } else { _ = await takeOut(key) }
      }
      await release(hold, destroying: old)
      counters.finish(operation, span.start, at: .now)
      return old
    } catch { throw counters.fail(operation, span.start, error) }
  }
}

extension SafeDictionary where Value: Equatable {
  /// Stores a value if the key has the expected one, as one atomic step.
  ///
  /// - Parameters:
  ///   - expected: The value the key must have. Its `==` runs once at most, with the key held.
  ///   - value: The value to store.
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  /// - Returns: Whether the value was stored.
  /// - Throws: `deadlineExceeded` or `cancelled`; nothing was stored.
  /// - Complexity: That of the wrapped dictionary and one comparison.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @discardableResult
  public nonisolated(nonsending) func replaceValue(
    _ expected: Value, with value: Value, forKey key: Key, deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Bool {
    try await exchange(key, deadline, for: value) { $0 == expected } != nil
  }

  /// Removes a key if it has the expected value, as one atomic step.
  ///
  /// - Parameters:
  ///   - expected: The value the key must have. Its `==` runs once at most, with the key held.
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  /// - Returns: Whether the key was removed.
  /// - Throws: `deadlineExceeded` or `cancelled`; nothing was removed.
  /// - Complexity: That of the wrapped dictionary and one comparison.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @discardableResult
  public nonisolated(nonsending) func removeValue(
    _ expected: Value, forKey key: Key, deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Bool {
    try await exchange(key, deadline, for: nil) { $0 == expected } != nil
  }
}
