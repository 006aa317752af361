// SPDX-License-Identifier: Apache-2.0
//
// The operations that look at every shard. Locks are taken in the order of the shards' numbers and
// in no other.

extension ShardedDictionary {
  /// Runs a closure with all shards locked and their tables at hand.
  @inlinable
  func withAllStores<Result, Failure: Error>(
    from index: Int = 0, _ tables: inout [UnsafeMutablePointer<Store>],
    _ body: ([UnsafeMutablePointer<Store>]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard index < shards.count else { return try body(tables) }
    return try shards.withLock(index) { (store) throws(Failure) -> Result in
      // The address is that of the mutex's own storage, stable while the lock is held.
      try withUnsafeMutablePointer(to: &store) { (pointer) throws(Failure) -> Result in
        tables.append(pointer)
        return try withAllStores(from: index + 1, &tables, body)
      }
    }
  }

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// - Returns: The number of elements removed.
  /// - Throws: What the closure throws; nothing is removed then.
  /// - Complexity: O(n).
  /// - Blocking: Waits for the operation in progress in every shard. Every other operation waits
  ///   for this one.
  @inlinable
  @discardableResult
  public func removeAll<Failure: Error>(
    where shouldBeRemoved: ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> Int {
    Reentrancy.enter(self, type: "ShardedDictionary", operation: "removeAll(where:)")
    // What is removed leaves the locks in this array and is destroyed after they are released.
    var removed: [Store.Entry] = []
    do {
      defer { Reentrancy.leave(self) }
      var tables: [UnsafeMutablePointer<Store>] = []
      try withAllStores(&tables) { (stores) throws(Failure) in
        // First every match, then the removals: when the closure throws, nothing is removed.
        var doomed: [[Int]] = []
        for store in stores { doomed.append(try store.pointee.matches(shouldBeRemoved)) }
        for (store, doomed) in zip(stores, doomed) { store.pointee.remove(doomed, into: &removed) }
      }
    }
    return withExtendedLifetime(removed) { removed.count }
  }

  /// The number of elements at one moment.
  ///
  /// - Complexity: O(the number of shards).
  /// - Blocking: Waits for the operation in progress in every shard.
  @inlinable
  public var count: Int {
    Reentrancy.enter(self, type: "ShardedDictionary", operation: "count")
    defer { Reentrancy.leave(self) }
    var tables: [UnsafeMutablePointer<Store>] = []
    return withAllStores(&tables) { stores in stores.reduce(0) { $0 + $1.pointee.count } }
  }

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// - Complexity: O(n).
  /// - Blocking: Waits for the operation in progress in every shard. Every other operation waits
  ///   for this one.
  @inlinable
  public func snapshot() -> [Key: Value] {
    Reentrancy.enter(self, type: "ShardedDictionary", operation: "snapshot()")
    defer { Reentrancy.leave(self) }
    var tables: [UnsafeMutablePointer<Store>] = []
    return withAllStores(&tables) { stores in
      var result = [Key: Value](minimumCapacity: stores.reduce(0) { $0 + $1.pointee.count })
      for store in stores {
        store.pointee.forEachPlace { place in
          result[store.pointee.entries[place].key] = store.pointee.entries[place].value
        }
      }
      return result
    }
  }
}
