// SPDX-License-Identifier: Apache-2.0
//
// The operations on all keys. Each checks its deadline last right before it changes anything, and
// cannot fail after.

extension SafeDictionary {
  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// Results of loads in progress, of any key, will be given to those who wait for them and not be
  /// stored: the closure was not asked about them.
  ///
  /// An element whose key does not equal itself, such as `Double.nan`, stays: nothing names it.
  /// With a limit there are no such elements.
  ///
  /// - Parameters:
  ///   - deadline: Until when; the configured time-out from now when left out. It is looked at
  ///     during the search, too.
  ///   - shouldBeRemoved: Whether an element goes; it runs once for each element.
  /// - Returns: The number of elements removed.
  /// - Throws: `deadlineExceeded`, `cancelled`, or `bodyFailed`; nothing was removed.
  /// - Complexity: O(n).
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until the changes in progress
  ///   are done, and later ones wait for it.
  @discardableResult
  public nonisolated(nonsending) func removeAll(
    deadline: ContinuousClock.Instant? = nil, where shouldBeRemoved: ((key: Key, value: Value)) throws -> Bool
  ) async throws(SafeDictionaryError) -> Int {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      // Destroyed after the gate is left: the snapshot is the last that holds the values.
      let elements: [Key: Value]
      let removed: Int
      if try await gate.enterExclusive(until: span.deadline) { counters.count(.waits) }
      do {
        defer { gate.leaveExclusive() }
        elements = await base.snapshot()
        var doomed: Set<Key> = []
        for element in elements {
          try check(span, at: .now)
          do {
            if try shouldBeRemoved(element) { doomed.insert(element.key) }
          } catch { throw .bodyFailed(error) }
        }
        try check(span, at: .now)
        let keys = doomed
        removed = await base.removeAll { keys.contains($0.key) }
        if let index { for key in keys { _ = index.withLock { $0.remove(key) } } }
        flights.invalidateAll()
      }
      withExtendedLifetime(elements) {}
      counters.finish(.removeAll, span.start, at: .now)
      return removed
    } catch { throw counters.fail(.removeAll, span.start, error) }
  }

  /// Removes every element, as one atomic step, and gives their memory back.
  ///
  /// Results of loads in progress will be given to those who wait for them and not be stored.
  ///
  /// - Parameter deadline: Until when; the configured time-out from now when left out.
  /// - Returns: The number of elements removed, those that were too old included.
  /// - Throws: `deadlineExceeded` or `cancelled`; nothing was removed.
  /// - Complexity: That of the wrapped dictionary. It destroys keys and values outside its locks,
  ///   while changes here still wait.
  /// - Blocking: None beyond the wrapped dictionary's own; suspends until the changes in progress
  ///   are done, and later ones wait for it.
  @discardableResult
  public nonisolated(nonsending) func removeAll(
    deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> Int {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      if try await gate.enterExclusive(until: span.deadline) { counters.count(.waits) }
      let removed: Int
      // Keys and values are destroyed after the gate is left.
      let known: EvictionIndex<Key>?
      let elements: [Key: Value]
      do {
        defer { gate.leaveExclusive() }
        try check(span, at: .now)
        elements = await base.snapshot()
        removed = await base.removeAll()
        known = index?.withLock { $0.removeAll() }
        flights.invalidateAll()
      }
      withExtendedLifetime(known) { withExtendedLifetime(elements) {} }
      counters.finish(.removeAll, span.start, at: .now)
      return removed
    } catch { throw counters.fail(.removeAll, span.start, error) }
  }

  /// Makes room for a number of elements, in all.
  ///
  /// - Parameter minimumCapacity: The number of elements.
  /// - Precondition: It is not negative.
  /// - Complexity: That of the wrapped dictionary.
  /// - Blocking: None beyond the wrapped dictionary's own.
  public func reserveCapacity(_ minimumCapacity: Int) async { await base.reserveCapacity(minimumCapacity) }

  /// The number of elements, counted while others change it, those that are too old but still there
  /// included.
  ///
  /// - Complexity: That of the wrapped dictionary.
  /// - Blocking: None beyond the wrapped dictionary's own.
  public var approximateCount: Int {
    get async { await base.approximateCount }
  }

  /// Calls a closure with all elements that are not too old, some of them at a time, without
  /// copying the whole and without keeping others out meanwhile. One that was too old when the call
  /// began may be left out although it is written again meanwhile.
  ///
  /// Which elements it sees: ``AsyncConcurrentDictionary/forEachChunk(_:)``. The deadline and the
  /// task's cancellation are looked at before each chunk.
  ///
  /// - Parameters:
  ///   - deadline: Until when; the configured time-out from now when left out.
  ///   - body: What to do with some elements; it runs any number of times, with nothing held.
  /// - Throws: `deadlineExceeded`, `cancelled`, or `bodyFailed`, at once.
  /// - Complexity: O(n).
  /// - Blocking: None beyond the wrapped dictionary's own.
  public func forEachChunk(
    deadline: ContinuousClock.Instant? = nil, _ body: @Sendable ([(key: Key, value: Value)]) throws -> Void
  ) async throws(SafeDictionaryError) {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      let aging = configuration.lifetime == nil ? nil : index
      // Looked at before the elements: one that leaves meanwhile is not known afterwards.
      let old = Set(aging?.withLock { $0.tooOld(at: span.start, atMost: .max, withLeaving: true).map(\.key) } ?? [])
      try await base.forEachChunk { (chunk) throws(SafeDictionaryError) in
        try check(span, at: .now)
        var elements = chunk
        if let aging {
          elements = aging.withLock { index in
            chunk.filter { !old.contains($0.key) && !index.isTooOld($0.key, at: .now) }
          }
        }
        if elements.isEmpty { return }
        do { try body(elements) } catch { throw .bodyFailed(error) }
      }
      counters.finish(.snapshot, span.start, at: .now)
    } catch { throw counters.fail(.snapshot, span.start, error) }
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
      counters.finish(.count, span.start, at: end)
      return count
    } catch { throw counters.fail(.count, span.start, error) }
  }

  /// Returns a plain dictionary with the elements of one moment, without those that were too old
  /// when the call began.
  ///
  /// - Parameter deadline: Until when; the configured time-out from now when left out.
  /// - Throws: `deadlineExceeded` or `cancelled`.
  /// - Complexity: That of the wrapped dictionary; O(n) when a lifetime is configured.
  /// - Blocking: None beyond the wrapped dictionary's own; where an element that is too old is
  ///   written again meanwhile, suspends until the changes in progress are done, and later ones
  ///   wait for it.
  public nonisolated(nonsending) func snapshot(
    deadline: ContinuousClock.Instant? = nil
  ) async throws(SafeDictionaryError) -> [Key: Value] {
    let span = begin(deadline)
    do throws(SafeDictionaryError) {
      try check(span, at: span.start)
      let elements: [Key: Value]
      if configuration.lifetime != nil, let index {
        elements = try await youngElements(index, span)
      } else {
        elements = await base.snapshot()
      }
      let end = Moment.now
      try check(span, at: end)
      counters.finish(.snapshot, span.start, at: end)
      return elements
    } catch { throw counters.fail(.snapshot, span.start, error) }
  }

  /// The elements of one moment, without those that were too old when the operation began.
  private nonisolated(nonsending) func youngElements(
    _ index: GuardedEvictionIndex<Key>, _ span: Span
  ) async throws(SafeDictionaryError) -> [Key: Value] {
    // Looked at before the elements: one that leaves meanwhile is not known afterwards.
    let (old, lastStamp) = index.withLock { index in
      (index.tooOld(at: span.start, atMost: .max, withLeaving: true), index.lastStamp)
    }
    var elements = await base.snapshot()
    if old.isEmpty { return elements }
    let present = old.filter { elements[$0.key] != nil }
    let isCertain = index.withLock { index in
      index.lastStamp == lastStamp || present.allSatisfy { index.stamp(of: $0.key) == $0.stamp }
    }
    if isCertain {
      for candidate in present { elements.removeValue(forKey: candidate.key) }
      return elements
    }
    // One of them may have been written before the snapshot or after it. Once more, without
    // changes.
    let (laterOld, laterElements) = try await elementsWithoutChanges(index, span)
    elements = laterElements
    for candidate in laterOld { elements.removeValue(forKey: candidate.key) }
    return elements
  }

  private nonisolated(nonsending) func elementsWithoutChanges(
    _ index: GuardedEvictionIndex<Key>, _ span: Span
  ) async throws(SafeDictionaryError) -> ([EvictionIndex<Key>.Candidate], [Key: Value]) {
    if try await gate.enterExclusive(until: span.deadline) { counters.count(.waits) }
    defer { gate.leaveExclusive() }
    return (index.withLock { $0.tooOld(at: span.start, atMost: .max) }, await base.snapshot())
  }
}
