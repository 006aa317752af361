// SPDX-License-Identifier: Apache-2.0
//
// A dictionary under a reader/writer lock. Callers' closures run with the lock held; values are destroyed after it is released.

/// A dictionary that many readers or one writer may use: many readers, long reads.
///
/// Reads of single keys run beside each other while writes are rare; among many writes they take turns, as with ``LockedDictionary``, which is
/// the quickest then. Reads of the whole dictionary always run beside others: ``withShared(_:)`` lends the plain dictionary without copying it, for
/// as long as one likes. A writer keeps new readers out and waits until those inside have left, so it is never starved.
///
/// The elements are in a hash table of its own, quicker than `Dictionary`'s, which is made into a plain dictionary when
/// ``withShared(_:)`` or ``withExclusive(_:)`` wants one and stays one until twice as many writes of single keys as there are elements have gone by.
/// While it is one, snapshots take constant time, and the first write after a snapshot copies the elements, as with any copy
/// of a dictionary.
///
/// - Blocking: A read waits for the write in progress and for a writer that waits for readers, and among many writes for other reads of single keys.
///   A write waits for everything in progress. For a thread that has waited a millisecond, others stay away until it is its turn, or another's that waits.
public final class ReadWriteDictionary<Key: Hashable & Sendable, Value: Sendable>: ConcurrentDictionary,
  AsyncConcurrentDictionary, @unchecked Sendable
{
  @usableFromInline typealias Store = LendableStore<Key, Value>

  @usableFromInline let elements: ReadWriteLocked<Store>
  @usableFromInline let hasher = KeyHasher<Key>()
  /// Held by the reader that makes the elements a plain dictionary. Two of them at once would not do: the second would wait as a
  /// writer for the first, which is inside by then, while the readers behind it wait for the second.
  @usableFromInline let lending = LockedArray<Void>(count: 1) { _ in }

  /// Creates a dictionary with the given elements.
  @inlinable
  public init(_ elements: [Key: Value] = [:]) {
    let hasher = hasher
    self.elements = ReadWriteLocked { LendableStore(elements, hasher) }
  }

  /// Creates an empty dictionary that has room for a number of elements.
  @inlinable
  public init(minimumCapacity: Int) {
    let hasher = hasher
    elements = ReadWriteLocked { LendableStore(minimumCapacity: minimumCapacity, hasher) }
  }

  @inlinable @inline(__always)  // So that the closures cost nothing.
  func reading<Result, Failure: Error>(
    _ operation: StaticString, _ body: (UnsafeMutablePointer<Store>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ReadWriteDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.reading(body)
  }

  @inlinable
  func readingLong<Result, Failure: Error>(
    _ operation: StaticString, _ body: (UnsafeMutablePointer<Store>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ReadWriteDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.readingLong(body)
  }

  @inlinable @inline(__always)  // So that the closures cost nothing.
  func writing<Result, Failure: Error>(
    _ operation: StaticString, _ body: (inout Store) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ReadWriteDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.writing(body)
  }

  /// Returns the value stored for a key.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the write in progress, and for reads of single keys while there are many writes.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return reading("value(forKey:)") { $0.pointee.value(hash, key) }
  }

  /// The value stored for a key; the same as ``value(forKey:)``.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations. ``withValue(forKey:default:_:)`` is one.
  @inlinable
  public subscript(key: Key) -> Value? { value(forKey: key) }

  /// Lends the plain dictionary to a closure that only reads; other readers go on meanwhile.
  ///
  /// - Throws: What the closure throws.
  /// - Complexity: That of the closure; O(n) in addition when more writes of single keys than twice the number of elements have passed
  ///   since the last one.
  /// - Blocking: Waits for the write in progress and for a writer that waits for readers. Writers wait for the closure.
  @inlinable
  public func withShared<Result, Failure: Error>(
    _ body: (borrowing [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    while true {
      let result = try readingLong("withShared(_:)") { (elements) throws(Failure) -> Result? in
        elements.pointee.isPlain ? Optional.some(try body(elements.pointee.plain)) : Optional.none
      }
      if let result { return result }
      lend()
    }
  }

  /// Makes the elements a plain dictionary, unless another reader has done so meanwhile.
  @usableFromInline @inline(never)
  func lend() {
    lending.withLock(0) { _ in
      if reading("withShared(_:)", { $0.pointee.isPlain }) { return }
      writing("withShared(_:)") { $0.makePlain() }
    }
  }

  /// Stores a value for a key and returns the one it took the place of.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for every operation in progress.
  @inlinable
  @discardableResult
  public func updateValue(_ value: Value, forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return writing("updateValue(_:forKey:)") { $0.update(hash, key, value) }
  }

  /// Removes a key and returns its value.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for every operation in progress.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return writing("removeValue(forKey:)") { $0.remove(hash, key) }
  }

  /// Stores a value unless the key has one.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for every operation in progress.
  @inlinable
  @discardableResult
  public func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    let hash = hasher.hash(key)
    return writing("insertIfAbsent(_:forKey:)") { $0.insertIfAbsent(hash, key, value) }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs exactly once.
  ///
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for every operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let hash = hasher.hash(key)
    return try writing("withValue(forKey:default:_:)") { (elements) throws(Failure) -> Result in
      try elements.withValue(hash, key, default: defaultValue, body)
    }
  }

  /// Runs a closure that has the whole plain dictionary to itself: several keys in one atomic step.
  ///
  /// - Throws: What the closure throws; its changes stay.
  /// - Complexity: That of the closure; O(n) in addition when more writes of single keys than twice the number of elements have passed
  ///   since the last one, and for its first change when a snapshot is alive.
  /// - Blocking: Waits for every operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withExclusive<Result, Failure: Error>(
    _ body: (inout [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try writing("withExclusive(_:)") { (elements) throws(Failure) -> Result in
      elements.makePlain()
      return try body(&elements.plain)
    }
  }

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// - Returns: The number of elements removed.
  /// - Throws: What the closure throws; nothing is removed then.
  /// - Complexity: O(n).
  /// - Blocking: Waits for every operation in progress. Every other operation waits for this one.
  @inlinable
  @discardableResult
  public func removeAll<Failure: Error>(
    where shouldBeRemoved: ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> Int {
    // What was removed leaves the lock with the closure's result, so it is destroyed outside.
    let removed = try writing("removeAll(where:)") { (elements) throws(Failure) -> Store.Removed in
      try elements.takeOut(where: shouldBeRemoved)
    }
    return removed.count
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the write in progress, and for reads of single keys while there are many writes.
  @inlinable
  public var count: Int { reading("count") { $0.pointee.count } }

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// - Complexity: O(n); O(1) where ``withShared(_:)`` takes O(1).
  /// - Blocking: Waits for the write in progress and for a writer that waits for readers. Writers wait for it.
  @inlinable
  public func snapshot() -> [Key: Value] { readingLong("snapshot()") { $0.pointee.snapshot() } }
}
