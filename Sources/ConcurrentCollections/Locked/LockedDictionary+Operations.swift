// SPDX-License-Identifier: Apache-2.0
//
// More operations under the mutex. Callers' closures run with the mutex held, but for those given
// to `forEachChunk`; keys are destroyed after it is released.
//
// `ReadWriteDictionary+Operations` has the same members over another lock. One extension of an
// internal protocol would hold both, but the symbol graph leaves its members out, and the
// documentation with it; what they share of code is in Dictionary+Steps.swift.

extension LockedDictionary: ExpressibleByDictionaryLiteral {
  /// Creates a dictionary with the elements of a literal.
  ///
  /// - Precondition: The keys differ.
  public convenience init(dictionaryLiteral elements: (Key, Value)...) {
    self.init([Key: Value](uniqueKeysWithValues: elements))
  }

  /// Reads, changes, inserts or removes the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: What to do with the value, or with nil if there is none; nil left there removes it.
  ///     It must not use the dictionary.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws; what it has left holds all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var stored: Key?
    defer { withExtendedLifetime(stored) {} }
    return try withElements("withValue(forKey:_:)") { (elements) throws(Failure) -> Result in
      try elements.changeValue(forKey: key, keeping: &stored, body)
    }
  }

  /// Removes every element, as one atomic step, and gives their memory back.
  ///
  /// - Returns: The number of elements removed.
  /// - Complexity: O(n), of which O(1) while others wait.
  /// - Blocking: Waits for the operation in progress. Keys and values are destroyed outside.
  @inlinable
  @discardableResult
  public func removeAll() -> Int {
    var removed: [Key: Value] = [:]
    withElements("removeAll()") { swap(&$0, &removed) }
    return withExtendedLifetime(removed) { removed.count }
  }

  /// Makes room for a number of elements, in all.
  ///
  /// - Parameter minimumCapacity: The number of elements.
  /// - Precondition: It is not negative.
  /// - Complexity: O(n + capacity).
  /// - Blocking: Waits for the operation in progress. Every other operation waits for this one.
  @inlinable
  public func reserveCapacity(_ minimumCapacity: Int) {
    require(minimumCapacity >= 0, "reserveCapacity(_:) of a negative number")
    withElements("reserveCapacity(_:)") { $0.reserveCapacity(minimumCapacity) }
  }

  /// Calls a closure with all elements, 256 at a time; others go on in between. The closure runs
  /// outside the mutex.
  ///
  /// Which elements it sees: ``ConcurrentDictionary/forEachChunk(_:)``.
  ///
  /// - Throws: What the closure throws, at once.
  /// - Complexity: O(n). Copies the keys once, and of the values a chunk at a time.
  /// - Blocking: Waits for the operation in progress, for each chunk. Others wait while the keys
  ///   are copied.
  @inlinable
  public func forEachChunk<Failure: Error>(
    _ body: ([(key: Key, value: Value)]) throws(Failure) -> Void
  ) throws(Failure) {
    let keys = withElements("forEachChunk(_:)") { Array($0.keys) }
    try Chunks.forEach(keys, { keys in withElements("forEachChunk(_:)") { $0.elements(of: keys) } }, body)
  }
}
