// SPDX-License-Identifier: Apache-2.0
//
// More operations of writers, and reading in chunks. Callers' closures run with the writers' mutex
// held, but for those given to `forEachChunk`; what was unlinked is freed without it.

import Synchronization

extension ReadMostlyDictionary: ExpressibleByDictionaryLiteral {
  /// Creates an empty dictionary.
  public convenience init() { self.init(minimumCapacity: 0) }

  /// Creates a dictionary with the elements of a literal.
  ///
  /// - Precondition: The keys differ.
  public convenience init(dictionaryLiteral elements: (Key, Value)...) {
    self.init([Key: Value](uniqueKeysWithValues: elements))
  }

  /// Reads, changes, inserts or removes the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// The closure works on a copy, since readers may hold the value. Reads inside the closure see
  /// the value from before it.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: What to do with the value, or with nil if there is none; nil left there removes it.
  ///     It must not write to the dictionary.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws; what it has left holds all the same.
  /// - Complexity: O(1) amortised and the closure. Allocates.
  /// - Blocking: Waits for the write in progress. Other writes wait for the closure; reads do not.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let hash = hasher.hash(key)
    return try writing("withValue(forKey:_:)") { (writer) throws(Failure) -> Result in
      var value = writer.table.find(hash, key)?.pointee.value
      let wasThere = value != nil
      defer {
        if let value {
          _ = writer.update(hash, key, value)
        } else if wasThere {
          _ = writer.remove(hash, key)
        }
      }
      return try body(&value)
    }
  }

  /// Makes room for a number of elements, in all.
  ///
  /// - Parameter minimumCapacity: The number of elements.
  /// - Precondition: It is not negative.
  /// - Complexity: O(n + capacity).
  /// - Blocking: Waits for the write in progress. Other writes wait for it; reads do not.
  public func reserveCapacity(_ minimumCapacity: Int) {
    require(minimumCapacity >= 0, "reserveCapacity(_:) of a negative number")
    writing("reserveCapacity(_:)") { writer in
      let places = Writer.places(for: minimumCapacity)
      if places <= writer.table.mask + 1 { return }
      writer.publish(writer.copy(places: places), count: writer.count)
    }
  }

  /// Calls a closure with all elements, 256 at a time; readers and, but for a moment, writers go on
  /// in between. The closure runs outside the mutex and outside read sections.
  ///
  /// Which elements it sees: ``ConcurrentDictionary/forEachChunk(_:)``.
  ///
  /// - Throws: What the closure throws, at once.
  /// - Complexity: O(n). Copies the keys once, and of the values a chunk at a time.
  /// - Blocking: Waits for the write in progress. Writes wait while the keys are copied; reads do
  ///   not.
  @inlinable
  public func forEachChunk<Failure: Error>(
    _ body: ([(key: Key, value: Value)]) throws(Failure) -> Void
  ) throws(Failure) {
    let keys = writing("forEachChunk(_:)") { writer in
      var keys: [Key] = []
      keys.reserveCapacity(writer.count)
      writer.table.forEach { keys.append(Table.entry($0).pointee.key) }
      return keys
    }
    try Chunks.forEach(
      keys, { keys in keys.compactMap { key in value(forKey: key).map { (key, $0) } } }, body)
  }
}
