// SPDX-License-Identifier: Apache-2.0
//
// The operations on one key and on all. Each checks its deadline last right before it changes anything, and cannot fail after.

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
      counters.finish(span.start, at: end, value == nil ? .misses : .hits)
      return value
    } catch { throw counters.fail(span.start, error) }
  }

  /// The value stored for a key; the same as ``value(forKey:deadline:)`` with the configured time-out.
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
      let old = await store(value, key)
      await release(hold)
      counters.finish(span.start, at: .now)
      return old
    } catch { throw counters.fail(span.start, error) }
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
      let wasTooOld = index?.withLock { $0.isTooOld(key, at: .now) } ?? false
      let old = await base.removeValue(forKey: key)
      if let index { index.withLock { _ = $0.remove(key) } }
      flights.invalidate(key)
      await release(hold)
      counters.finish(span.start, at: .now)
      return wasTooOld ? nil : old
    } catch { throw counters.fail(span.start, error) }
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
      if present == nil { _ = await store(value, key) }
      await release(hold)
      counters.finish(span.start, at: .now)
      return (present == nil, present ?? value)
    } catch { throw counters.fail(span.start, error) }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step.
  ///
  /// The closure runs at most once, on a copy: exactly once when the operation succeeds. When it throws, when
  /// it took longer than the deadline, or when the task was cancelled meanwhile, the dictionary is unchanged.
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
      do throws(SafeDictionaryError) {
        var value = await present(key, at: .now) ?? defaultValue()
        do { result = try body(&value) } catch { throw .bodyFailed(error) }
        try check(span, at: .now)
        _ = await store(value, key)
      } catch {
        await release(hold)
        throw error
      }
      await release(hold)
      counters.finish(span.start, at: .now)
      return result
    } catch { throw counters.fail(span.start, error) }
  }

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// - Parameters:
  ///   - deadline: Until when; the configured time-out from now when left out. It is looked at during the search, too.
  ///   - shouldBeRemoved: Whether an element goes.
  /// - Returns: The number of elements removed.
  /// - Throws: `deadlineExceeded`, `cancelled`, or `bodyFailed`; nothing was removed.
  /// - Complexity: O(n).
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until the changes in progress are done, and later ones wait for it.
  @discardableResult
  public nonisolated(nonsending) func removeAll(
    deadline: ContinuousClock.Instant? = nil, where shouldBeRemoved: ((key: Key, value: Value)) throws -> Bool
  ) async throws(SafeDictionaryError) -> Int {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      if try await gate.enterExclusive(until: span.deadline) { counters.count(.waits) }
      defer { gate.leaveExclusive() }
      var doomed: Set<Key> = []
      for element in await base.snapshot() {
        try check(span, at: .now)
        do {
          if try shouldBeRemoved(element) { doomed.insert(element.key) }
        } catch { throw .bodyFailed(error) }
      }
      try check(span, at: .now)
      let keys = doomed
      let removed = await base.removeAll { keys.contains($0.key) }
      for key in keys {
        index?.withLock { _ = $0.remove(key) }
        flights.invalidate(key)
      }
      counters.finish(span.start, at: .now)
      return removed
    } catch { throw counters.fail(span.start, error) }
  }

  /// The number of elements, including those that are too old but still there.
  ///
  /// - Parameter deadline: Until when; the configured time-out from now when left out.
  /// - Throws: `deadlineExceeded` or `cancelled`.
  /// - Complexity: That of the wrapped dictionary.
  public nonisolated(nonsending) func count(
    deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Int {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      try check(span, at: span.start)
      let count = await base.count
      let end = Moment.now
      try check(span, at: end)
      counters.finish(span.start, at: end)
      return count
    } catch { throw counters.fail(span.start, error) }
  }

  /// Returns a plain dictionary with the elements of one moment, without those that are too old.
  ///
  /// - Parameter deadline: Until when; the configured time-out from now when left out.
  /// - Throws: `deadlineExceeded` or `cancelled`.
  /// - Complexity: That of the wrapped dictionary; O(n) when a lifetime is configured.
  public nonisolated(nonsending) func snapshot(
    deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> [Key: Value] {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      try check(span, at: span.start)
      var elements = await base.snapshot()
      if configuration.lifetime != nil, let index {
        let old = index.withLock { index in elements.keys.filter { index.isTooOld($0, at: .now) } }
        for key in old { elements.removeValue(forKey: key) }
      }
      let end = Moment.now
      try check(span, at: end)
      counters.finish(span.start, at: end)
      return elements
    } catch { throw counters.fail(span.start, error) }
  }
}
