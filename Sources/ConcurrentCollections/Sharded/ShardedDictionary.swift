// SPDX-License-Identifier: Apache-2.0
//
// A dictionary in parts, each under a mutex of its own. Callers' closures run with one part's mutex
// held, or all; values are destroyed after they are released.

/// A dictionary split by the keys' hashes into shards with a lock each: mixed traffic on many keys.
///
/// Operations on keys of different shards do not meet, not even on a cache line. What looks at the
/// whole dictionary (``count``, ``snapshot()``, ``removeAll(where:)``) takes every shard's lock, in
/// the order of their numbers, and copies.
///
/// Values are `Sendable`, as members hand out copies; ``ExclusiveDictionary`` takes others.
///
/// Memory grows with the elements; a shard's table is made smaller when less than an eighth of it
/// is used.
///
/// - Blocking: An operation on a key waits for the one in progress in its shard.
public final class ShardedDictionary<Key: Hashable & Sendable, Value: Sendable>: ConcurrentDictionary,
  AsyncConcurrentDictionary
{
  @usableFromInline typealias Store = HashedStore<Key, Value>

  @usableFromInline let shards: LockedArray<Store>
  @usableFromInline let hasher = KeyHasher<Key>()

  /// The number of shards, a power of two.
  public var shardCount: Int { shards.count }

  /// Creates an empty dictionary.
  ///
  /// - Parameters:
  ///   - shards: The number of shards, rounded up to a power of two, 256 at most; 64 for each core
  ///     when left out.
  ///   - minimumCapacity: The number of elements to make room for.
  @inlinable
  public init(shards: Int? = nil, minimumCapacity: Int = 0) {
    require(shards.map { $0 >= 1 } ?? true, "ShardedDictionary(shards:) must be at least 1")
    require(minimumCapacity >= 0, "ShardedDictionary(minimumCapacity:) must not be negative")
    let wanted = shards ?? 64 * Machine.cores
    let count = Machine.powerOfTwo(atLeast: min(max(wanted, 1), 256))
    let each = (minimumCapacity + count - 1) / count
    self.shards = LockedArray(count: count) { _ in Store(minimumCapacity: each) }
  }

  /// Creates a dictionary with the given elements.
  @inlinable
  public convenience init(_ elements: [Key: Value], shards: Int? = nil) {
    self.init(shards: shards, minimumCapacity: elements.count)
    // Nobody else has it yet, so no lock is needed.
    for (key, value) in elements {
      let hash = hasher.hash(key)
      _ = self.shards.state(shard(hash)).pointee.update(hash, key, value)
    }
  }

  /// Runs a closure with the table of a hash's shard, under its lock. What it removes it should
  /// return, to be destroyed outside.
  @inlinable @inline(__always)  // So that the closure costs nothing.
  func withStore<Result, Failure: Error>(
    _ hash: UInt, _ operation: StaticString, _ body: (inout Store) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ShardedDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try shards.withLock(shard(hash), body)
  }

  /// The shard of a hash: bits the shard's own table does not begin with.
  @inlinable @inline(__always)  // An address computation.
  func shard(_ hash: UInt) -> Int {
    Int(truncatingIfNeeded: hash >> 48) & (shards.count &- 1)
  }

  /// Returns the value stored for a key.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress in the key's shard.
  @inlinable
  public func value(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return withStore(hash, "value(forKey:)") { $0.value(hash, key) }
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
  /// - Blocking: Waits for the operation in progress in the key's shard.
  @inlinable
  @discardableResult
  public func updateValue(_ value: Value, forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return withStore(hash, "updateValue(_:forKey:)") { $0.update(hash, key, value) }
  }

  /// Removes a key and returns its value.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress in the key's shard.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Value? {
    let hash = hasher.hash(key)
    return withStore(hash, "removeValue(forKey:)") { store in
      defer { store.shrinkIfSparse() }
      return store.takeOut(hash, key)
    }?.value
  }

  /// Stores a value unless the key has one.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress in the key's shard.
  @inlinable
  @discardableResult
  public func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    let hash = hasher.hash(key)
    return withStore(hash, "insertIfAbsent(_:forKey:)") { $0.insertIfAbsent(hash, key, value) }
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for the operation in progress in the key's shard. Other operations of that
  ///   shard wait for the closure.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let hash = hasher.hash(key)
    return try withStore(hash, "withValue(forKey:default:_:)") { (store) throws(Failure) -> Result in
      try store.withValue(hash, key, default: defaultValue, body)
    }
  }
}
