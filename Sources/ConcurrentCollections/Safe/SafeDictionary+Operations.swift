// SPDX-License-Identifier: Apache-2.0
//
// The operations on one key and on all. Each checks its deadline last right before it changes
// anything, and cannot fail after.

extension SafeDictionary {
  /// Returns the value stored for a key.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  /// - Throws: `deadlineExceeded` or `cancelled`.
  /// - Complexity: That of the wrapped dictionary.
  /// - Blocking: None beyond the wrapped dictionary's own.
  @inlinable
  public nonisolated(nonsending) func value(
    forKey key: Key, deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Value? {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      try check(span, at: span.start)
      let value = await present(key, at: span.start)
      let end = Moment.now
      try check(span, at: end)
      counters.finish(.get, span.start, at: end, value == nil ? .misses : .hits)
      return value
    } catch { throw counters.fail(.get, span.start, error) }
  }

  /// The value stored for a key; the same as ``value(forKey:deadline:)`` with the configured
  /// time-out.
  @inlinable
  public subscript(key: Key) -> Value? {
    get async throws(SafeDictionaryError) { try await value(forKey: key) }
  }

  /// Stores a value for a key and returns the one it took the place of.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  /// - Throws: `deadlineExceeded` or `cancelled`; nothing was stored.
  /// - Complexity: That of the wrapped dictionary.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @inlinable
  @discardableResult
  public nonisolated(nonsending) func updateValue(
    _ value: Value, forKey key: Key, deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Value? {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      let hold = try await hold(key, span)
      let (old, wasTooOld) = await store(value, key)
      await release(hold, destroying: old)
      counters.finish(.set, span.start, at: .now)
      return wasTooOld ? nil : old
    } catch { throw counters.fail(.set, span.start, error) }
  }

  /// Removes a key and returns its value. A load of the key in progress will not be stored.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  /// - Throws: `deadlineExceeded` or `cancelled`; nothing was removed.
  /// - Complexity: That of the wrapped dictionary.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @inlinable
  @discardableResult
  public nonisolated(nonsending) func removeValue(
    forKey key: Key, deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Value? {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      let hold = try await hold(key, span)
      let (old, wasTooOld) = await takeOut(key)
      await release(hold, destroying: old)
      counters.finish(.delete, span.start, at: .now)
      return wasTooOld ? nil : old
    } catch { throw counters.fail(.delete, span.start, error) }
  }

  /// Stores a value unless the key has one.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  ///   - deadline: Until when; the configured time-out from now when left out.
  /// - Returns: Whether the value was stored, and the value the key has now.
  /// - Throws: `deadlineExceeded` or `cancelled`; nothing was stored.
  /// - Complexity: That of the wrapped dictionary.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @inlinable
  @discardableResult
  public nonisolated(nonsending) func insertIfAbsent(
    _ value: Value, forKey key: Key, deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> (inserted: Bool, value: Value) {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      let hold = try await hold(key, span)
      let present = await present(key, at: .now)
      // What is too old is taken the place of.
      let replaced = present == nil ? await store(value, key).replaced : nil
      await release(hold, destroying: replaced)
      counters.finish(.insert, span.start, at: .now)
      return (present == nil, present ?? value)
    } catch { throw counters.fail(.insert, span.start, error) }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step.
  ///
  /// The closure runs at most once, on a copy: exactly once when the operation succeeds. When it
  /// throws, when it took longer than the deadline, or when the task was cancelled meanwhile, the
  /// dictionary is unchanged.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - defaultValue: The value to begin with when the key has none.
  ///   - deadline: Until when; the configured time-out from now when left out.
  ///   - body: What to do with the value.
  /// - Throws: `deadlineExceeded`, `cancelled`, or `bodyFailed`; nothing was changed.
  /// - Complexity: That of the wrapped dictionary and the closure.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until others have left the key.
  @inlinable
  public nonisolated(nonsending) func withValue<Result>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value, deadline: ContinuousClock.Instant? = nil,
    _ body: (inout Value) throws -> Result
  ) async throws(SafeDictionaryError) -> Result {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      let hold = try await hold(key, span)
      let result: Result
      let replaced: Value?
      do throws(SafeDictionaryError) {
        var value = await present(key, at: .now) ?? defaultValue()
        do { result = try body(&value) } catch { throw .bodyFailed(error) }
        try check(span, at: .now)
        replaced = await store(value, key).replaced
      } catch {
        await release(hold)
        throw error
      }
      await release(hold, destroying: replaced)
      counters.finish(.update, span.start, at: .now)
      return result
    } catch { throw counters.fail(.update, span.start, error) }
  }
}
