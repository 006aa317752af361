// SPDX-License-Identifier: Apache-2.0
//
// A dictionary under one mutex. Callers' closures run with the mutex held; values are destroyed
// after it is released.

/// A dictionary behind one mutex: balanced traffic, short operations.
///
/// It is a plain `Dictionary` under a lock, and costs what those two cost. Reads and writes wait
/// for each other. A snapshot takes constant time; the first write after it copies the elements if
/// the snapshot is still alive, as with any copy of a dictionary.
///
/// Values are `Sendable`, as members hand out copies; ``ExclusiveDictionary`` is the same for those
/// that are not.
///
/// Memory grows with the elements. ``removeAll(where:)`` gives room back when it removes at least
/// half of them, and so does `removeAll()` in ``withExclusive(_:)``; removing single keys does not.
///
/// - Blocking: Every operation waits for the one in progress: it stays away from the mutex for a
///   moment, up to some 2 µs where threads fight for it, then parks the thread. Whoever is running
///   when the mutex is free may take it; a thread that has waited a millisecond is given it next,
///   after those that have waited longer.
public final class LockedDictionary<Key: Hashable & Sendable, Value: Sendable>: ConcurrentDictionary,
  AsyncConcurrentDictionary
{
  @usableFromInline let elements: LockedArray<[Key: Value]>

  /// Creates a dictionary with the given elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public init(_ elements: [Key: Value] = [:]) {
    self.elements = LockedArray(count: 1) { _ in elements }
  }

  /// Creates an empty dictionary that has room for a number of elements.
  @inlinable
  public init(minimumCapacity: Int) {
    require(minimumCapacity >= 0, "LockedDictionary(minimumCapacity:) must not be negative")
    elements = LockedArray(count: 1) { _ in [Key: Value](minimumCapacity: minimumCapacity) }
  }

  /// Runs a closure with the elements, under the lock. What it removes it should return, to be
  /// destroyed outside.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func withElements<Result, Failure: Error>(
    _ operation: StaticString, _ body: (inout [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "LockedDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.withLock(0, body)
  }

  /// Returns the value stored for a key.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    withElements("value(forKey:)") { $0[key] }
  }

  /// The value stored for a key; the same as ``value(forKey:)``.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations.
  /// ``withValue(forKey:default:_:)`` is one.
  @inlinable
  public subscript(key: Key) -> Value? { value(forKey: key) }

  /// Stores a value for a key and returns the one it took the place of.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  @discardableResult
  public func updateValue(_ value: Value, forKey key: Key) -> Value? {
    withElements("updateValue(_:forKey:)") { $0.updateValue(value, forKey: key) }
  }

  /// Removes a key and returns its value.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? {
    withElements("removeValue(forKey:)") { $0.takeOut(key) }?.value
  }

  /// Stores a value unless the key has one.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  @discardableResult
  public func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    withElements("insertIfAbsent(_:forKey:)") { $0.insertIfAbsent(value, forKey: key) }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements("withValue(forKey:default:_:)") { (elements) throws(Failure) -> Result in
      try body(&elements[key, default: defaultValue()])
    }
  }

  /// Runs a closure that has the whole plain dictionary to itself: several keys in one atomic step.
  ///
  /// - Throws: What the closure throws; its changes stay.
  /// - Complexity: That of the closure; O(n) in addition for its first change when a snapshot is
  ///   alive.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withExclusive<Result, Failure: Error>(
    _ body: (inout [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements("withExclusive(_:)", body)
  }

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// - Returns: The number of elements removed.
  /// - Throws: What the closure throws; nothing is removed then.
  /// - Complexity: O(n).
  /// - Blocking: Waits for the operation in progress. Every other operation waits for this one.
  @inlinable
  @discardableResult
  public func removeAll<Failure: Error>(
    where shouldBeRemoved: ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> Int {
    // What is removed leaves the lock with the closure's result, so it is destroyed outside it.
    try withElements("removeAll(where:)") { (elements) throws(Failure) in
      try elements.takeOut(where: shouldBeRemoved)
    }.count
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public var count: Int { withElements("count") { $0.count } }

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// - Complexity: O(1). While the snapshot is alive, the first write copies the elements: O(n).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public func snapshot() -> [Key: Value] { withElements("snapshot()") { $0 } }
}
