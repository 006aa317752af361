// SPDX-License-Identifier: Apache-2.0
//
// More operations of the actor. Closures run in the actor, but for those given to `forEachChunk`;
// what is removed is destroyed outside it. An actor cannot be written as a literal;
// `SerialDictionary([key: value])` can.

extension SerialDictionary {
  /// Reads, changes, inserts or removes the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: What to do with the value, or with nil if there is none; nil left there removes it.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws; what it has left holds all the same.
  /// - Complexity: O(1) amortised and the closure; O(n) when a snapshot is alive.
  @inlinable
  public nonisolated func withValue<Result: Sendable, Failure: Error>(
    forKey key: Key, _ body: @Sendable (inout Value?) throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    let (result, stored) = await change(key, body)
    // The dictionary's own key, if it was removed, is destroyed here, outside the actor.
    withExtendedLifetime(stored) {}
    return try result.get()
  }

  @inlinable
  func change<Returned: Sendable, Failure: Error>(
    _ key: Key, _ body: @Sendable (inout Value?) throws(Failure) -> Returned
  ) -> (Result<Returned, Failure>, Key?) {
    var stored: Key?
    do throws(Failure) {
      return (.success(try elements.changeValue(forKey: key, keeping: &stored, body)), stored)
    } catch { return (.failure(error), stored) }
  }

  /// Stores a value if the key has one already, as one atomic step.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  /// - Returns: The value it took the place of; nil if there was none, and nothing was stored.
  /// - Complexity: O(1) amortised; O(n) when a snapshot is alive.
  @inlinable
  @discardableResult
  public func updateValueIfPresent(_ value: Value, forKey key: Key) -> Value? {
    elements.index(forKey: key) == nil ? nil : elements.exchangeValue(value, forKey: key)
  }

  /// Removes every element, as one atomic step, and gives their memory back.
  ///
  /// - Returns: The number of elements removed.
  /// - Complexity: O(n), of which O(1) inside the actor.
  @inlinable
  @discardableResult
  public nonisolated func removeAll() async -> Int {
    let removed = await takeOutAll()
    return withExtendedLifetime(removed) { removed.count }
  }

  @inlinable
  func takeOutAll() -> [Key: Value] {
    var removed: [Key: Value] = [:]
    swap(&elements, &removed)
    return removed
  }

  /// Makes room for a number of elements, in all.
  ///
  /// - Parameter minimumCapacity: The number of elements.
  /// - Precondition: It is not negative.
  /// - Complexity: O(n + capacity).
  public func reserveCapacity(_ minimumCapacity: Int) {
    require(minimumCapacity >= 0, "reserveCapacity(_:) of a negative number")
    elements.reserveCapacity(minimumCapacity)
  }

  /// The number of elements: the same as ``count``, which takes one message.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var approximateCount: Int { count }

  /// Calls a closure with all elements, 256 at a time; other operations go on in between. The
  /// closure runs outside the actor.
  ///
  /// Which elements it sees: ``AsyncConcurrentDictionary/forEachChunk(_:)``.
  ///
  /// - Throws: What the closure throws, at once.
  /// - Complexity: O(n). Copies the keys once, and of the values a chunk at a time.
  @inlinable
  public nonisolated func forEachChunk<Failure: Error>(
    _ body: @Sendable ([(key: Key, value: Value)]) throws(Failure) -> Void
  ) async throws(Failure) {
    let keys = await allKeys()
    for start in stride(from: 0, to: keys.count, by: Chunks.size) {
      let chunk = await elements(of: keys[start..<min(start + Chunks.size, keys.count)])
      if !chunk.isEmpty { try body(chunk) }
    }
  }

  @inlinable
  func allKeys() -> [Key] { Array(elements.keys) }

  @inlinable
  func elements(of keys: ArraySlice<Key>) -> [(key: Key, value: Value)] { elements.elements(of: keys) }
}

extension SerialDictionary where Value: Equatable {
  /// Stores a value if the key has the expected one, as one atomic step.
  ///
  /// - Parameters:
  ///   - expected: The value the key must have. Its `==` runs once at most, in the actor.
  ///   - value: The value to store.
  ///   - key: The key.
  /// - Returns: Whether the value was stored.
  /// - Complexity: O(1) amortised and one comparison; O(n) when a snapshot is alive.
  @inlinable
  @discardableResult
  public nonisolated func replaceValue(_ expected: Value, with value: Value, forKey key: Key) async -> Bool {
    // The old value leaves the actor with the result and is destroyed outside.
    let old: Value? = await withValue(forKey: key) { present in
      guard let old = present, old == expected else { return nil }
      present = value
      return old
    }
    return old != nil
  }

  /// Removes a key if it has the expected value, as one atomic step.
  ///
  /// - Parameters:
  ///   - expected: The value the key must have. Its `==` runs once at most, in the actor.
  ///   - key: The key.
  /// - Returns: Whether the key was removed.
  /// - Complexity: O(1) amortised and one comparison; O(n) when a snapshot is alive.
  @inlinable
  @discardableResult
  public nonisolated func removeValue(_ expected: Value, forKey key: Key) async -> Bool {
    let old: Value? = await withValue(forKey: key) { present in
      guard let old = present, old == expected else { return nil }
      present = nil
      return old
    }
    return old != nil
  }
}
