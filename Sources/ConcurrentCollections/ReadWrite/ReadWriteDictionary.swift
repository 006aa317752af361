// SPDX-License-Identifier: Apache-2.0
//
// A dictionary under a reader/writer lock. Callers' closures run with the lock held; values are
// destroyed after it is released.

/// A dictionary that many readers or one writer may use: many readers, long reads.
///
/// It is a plain `Dictionary` under a reader/writer lock. Reads of single keys run beside each
/// other while writes are rare; among many writes they take turns, as with ``LockedDictionary``,
/// which is the quickest then. Reads of the whole dictionary always run beside others:
/// ``withShared(_:)`` lends the dictionary without copying it, for as long as one likes. A writer
/// keeps new readers out and waits until those inside have left, so it is never starved. A snapshot
/// takes constant time; the first write after it copies the elements if the snapshot is still
/// alive, as with any copy of a dictionary.
///
/// Values are `Sendable`, as readers use one side by side; ``ExclusiveDictionary`` takes others.
///
/// Memory grows with the elements. ``removeAll(where:)`` gives room back when it removes at least
/// half of them, and so does `removeAll()` in ``withExclusive(_:)``; removing single keys does not.
///
/// - Blocking: A read waits for the write in progress and for a writer that waits for readers, and
///   among many writes for other reads of single keys. A write waits for everything in progress. A
///   thread that has waited a millisecond is given its turn next, after those that have waited
///   longer.
public final class ReadWriteDictionary<Key: Hashable & Sendable, Value: Sendable>: ConcurrentDictionary,
  AsyncConcurrentDictionary, @unchecked Sendable
{
  @usableFromInline typealias Elements = [Key: Value]

  @usableFromInline let elements: ReadWriteLocked<Elements>

  /// Creates a dictionary with the given elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public init(_ elements: [Key: Value] = [:]) {
    self.elements = ReadWriteLocked { elements }
  }

  /// Creates an empty dictionary that has room for a number of elements.
  @inlinable
  public init(minimumCapacity: Int) {
    require(minimumCapacity >= 0, "ReadWriteDictionary(minimumCapacity:) must not be negative")
    elements = ReadWriteLocked { Elements(minimumCapacity: minimumCapacity) }
  }

  @inlinable @inline(__always)  // So that the closures cost nothing.
  func reading<Result, Failure: Error>(
    _ operation: StaticString, _ body: (UnsafeMutablePointer<Elements>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ReadWriteDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.reading(body)
  }

  @inlinable
  func readingLong<Result, Failure: Error>(
    _ operation: StaticString, _ body: (UnsafeMutablePointer<Elements>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ReadWriteDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.readingLong(body)
  }

  @inlinable @inline(__always)  // So that the closures cost nothing.
  func writing<Result, Failure: Error>(
    _ operation: StaticString, _ body: (inout Elements) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ReadWriteDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.writing(body)
  }

  /// Returns the value stored for a key.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the write in progress, and for reads of single keys while there are many
  ///   writes.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    reading("value(forKey:)") { $0.pointee[key] }
  }

  /// The value stored for a key; the same as ``value(forKey:)``.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations.
  /// ``withValue(forKey:default:_:)`` is one.
  @inlinable
  public subscript(key: Key) -> Value? { value(forKey: key) }

  /// Lends the plain dictionary to a closure that only reads; other readers go on meanwhile.
  ///
  /// - Throws: What the closure throws.
  /// - Complexity: That of the closure.
  /// - Blocking: Waits for the write in progress and for a writer that waits for readers. Writers
  ///   wait for the closure.
  @inlinable
  public func withShared<Result, Failure: Error>(
    _ body: (borrowing [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try readingLong("withShared(_:)") { (elements) throws(Failure) -> Result in try body(elements.pointee) }
  }

  /// Stores a value for a key and returns the one it took the place of.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for every operation in progress.
  @inlinable
  @discardableResult
  public func updateValue(_ value: Value, forKey key: Key) -> Value? {
    writing("updateValue(_:forKey:)") { $0.updateValue(value, forKey: key) }
  }

  /// Removes a key and returns its value.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for every operation in progress.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? {
    writing("removeValue(forKey:)") { $0.takeOut(key) }?.value
  }

  /// Stores a value unless the key has one.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for every operation in progress.
  @inlinable
  @discardableResult
  public func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    writing("insertIfAbsent(_:forKey:)") { $0.insertIfAbsent(value, forKey: key) }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for every operation in progress. Every other operation waits for the
  ///   closure.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try writing("withValue(forKey:default:_:)") { (elements) throws(Failure) -> Result in
      try body(&elements[key, default: defaultValue()])
    }
  }

  /// Runs a closure that has the whole plain dictionary to itself: several keys in one atomic step.
  ///
  /// - Throws: What the closure throws; its changes stay.
  /// - Complexity: That of the closure; O(n) in addition for its first change when a snapshot is
  ///   alive.
  /// - Blocking: Waits for every operation in progress. Every other operation waits for the
  ///   closure.
  @inlinable
  public func withExclusive<Result, Failure: Error>(
    _ body: (inout [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try writing("withExclusive(_:)", body)
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
    // What is removed leaves the lock with the closure's result, so it is destroyed outside it.
    try writing("removeAll(where:)") { (elements) throws(Failure) in
      try elements.takeOut(where: shouldBeRemoved)
    }.count
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the write in progress, and for reads of single keys while there are many
  ///   writes.
  @inlinable
  public var count: Int { reading("count") { $0.pointee.count } }

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// - Complexity: O(1). While the snapshot is alive, the first write copies the elements: O(n).
  /// - Blocking: Waits for the write in progress and for a writer that waits for readers. Writers
  ///   wait for it.
  @inlinable
  public func snapshot() -> [Key: Value] { readingLong("snapshot()") { $0.pointee } }
}
