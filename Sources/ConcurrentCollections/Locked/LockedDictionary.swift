// SPDX-License-Identifier: Apache-2.0
//
// A dictionary under one mutex. Callers' closures run with the mutex held; values are destroyed after it is released.

/// A dictionary behind one mutex: balanced traffic, short operations.
///
/// Reads and writes wait for each other. The elements are in a hash table of its own, quicker than `Dictionary`'s, which is made into
/// a plain dictionary when ``withExclusive(_:)`` wants one and stays one until it has been left alone for twice as many
/// operations as there are elements. While it is one, snapshots take constant time, and the first write after a snapshot
/// copies the elements, as with any copy of a dictionary.
///
/// - Blocking: Every operation waits for the one in progress: it stays away from the mutex for a moment, up to some 30 µs where threads fight for it,
///   then parks the thread. Whoever is running when the mutex is free may take it; for a thread that has waited a millisecond, others stay
///   away until it is taken.
public final class LockedDictionary<Key: Hashable & Sendable, Value: Sendable>: ConcurrentDictionary,
  AsyncConcurrentDictionary
{
  @usableFromInline let elements: LockedArray<LendableStore<Key, Value>>
  @usableFromInline let hasher = KeyHasher<Key>()

  /// Creates a dictionary with the given elements.
  @inlinable
  public init(_ elements: [Key: Value] = [:]) {
    let hasher = hasher
    self.elements = LockedArray(count: 1) { _ in LendableStore(elements, hasher) }
  }

  /// Creates an empty dictionary that has room for a number of elements.
  @inlinable
  public init(minimumCapacity: Int) {
    let hasher = hasher
    elements = LockedArray(count: 1) { _ in LendableStore(minimumCapacity: minimumCapacity, hasher) }
  }

  /// Returns the value stored for a key.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "value(forKey:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    return elements.withLock(0) { $0.lookUp(hash, key) }
  }

  /// The value stored for a key; the same as ``value(forKey:)``.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations. ``withValue(forKey:default:_:)`` is one.
  @inlinable
  public subscript(key: Key) -> Value? { value(forKey: key) }

  /// Stores a value for a key and returns the one it took the place of.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  @discardableResult
  public func updateValue(_ value: Value, forKey key: Key) -> Value? {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "updateValue(_:forKey:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    return elements.withLock(0) { $0.update(hash, key, value) }
  }

  /// Removes a key and returns its value.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "removeValue(forKey:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    return elements.withLock(0) { $0.remove(hash, key) }
  }

  /// Stores a value unless the key has one.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  @discardableResult
  public func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "insertIfAbsent(_:forKey:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    return elements.withLock(0) { $0.insertIfAbsent(hash, key, value) }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs exactly once.
  ///
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "withValue(forKey:default:_:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    return try elements.withLock(0) { (elements) throws(Failure) -> Result in
      try elements.withValue(hash, key, default: defaultValue, body)
    }
  }

  /// Runs a closure that has the whole plain dictionary to itself: several keys in one atomic step.
  ///
  /// - Throws: What the closure throws; its changes stay.
  /// - Complexity: That of the closure; O(n) in addition when more operations on single keys than twice the number of elements have
  ///   passed since the last one, and for its first change when a snapshot is alive.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withExclusive<Result, Failure: Error>(
    _ body: (inout [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "withExclusive(_:)")
    defer { Reentrancy.leave(self) }
    return try elements.withLock(0) { (elements) throws(Failure) -> Result in
      elements.makePlain()
      return try body(&elements.plain)
    }
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
    Reentrancy.enter(self, type: "LockedDictionary", operation: "removeAll(where:)")
    // What is removed leaves the lock with the closure's result, so it is destroyed outside it.
    let removed: LendableStore<Key, Value>.Removed
    do {
      defer { Reentrancy.leave(self) }
      removed = try elements.withLock(0) { (elements) throws(Failure) -> LendableStore<Key, Value>.Removed in
        try elements.takeOut(where: shouldBeRemoved)
      }
    }
    return removed.count
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public var count: Int {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "count")
    defer { Reentrancy.leave(self) }
    return elements.withLock(0) { $0.count }
  }

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// - Complexity: O(n); O(1) where ``withExclusive(_:)`` takes O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public func snapshot() -> [Key: Value] {
    Reentrancy.enter(self, type: "LockedDictionary", operation: "snapshot()")
    defer { Reentrancy.leave(self) }
    return elements.withLock(0) { $0.snapshot() }
  }
}
