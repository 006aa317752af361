// SPDX-License-Identifier: Apache-2.0
//
// More operations on shards. Callers' closures run with one shard's mutex held, but for those given
// to `forEachChunk`; keys are destroyed after it is released.

extension ShardedDictionary: ExpressibleByDictionaryLiteral {
  /// Creates an empty dictionary.
  public convenience init() { self.init(shards: nil, minimumCapacity: 0) }

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
  /// - Blocking: Waits for the operation in progress in the key's shard. Other operations of that
  ///   shard wait for the closure.
  @inlinable
  public func withValue<Result, Failure: Error>(
    forKey key: Key, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var stored: Key?
    defer { withExtendedLifetime(stored) {} }
    Reentrancy.enter(self, type: "ShardedDictionary", operation: "withValue(forKey:_:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    return try shards.withLock(shard(hash)) { (store) throws(Failure) -> Result in
      try store.changeValue(hash, key, keeping: &stored, body)
    }
  }

  /// Makes room for a number of elements, in all, if they spread over the shards evenly.
  ///
  /// - Parameter minimumCapacity: The number of elements.
  /// - Precondition: It is not negative.
  /// - Complexity: O(n + capacity), of which O((n + capacity) / shards) while others wait.
  /// - Blocking: Waits for the operation in progress in every shard, one after the other.
  public func reserveCapacity(_ minimumCapacity: Int) {
    require(minimumCapacity >= 0, "reserveCapacity(_:) of a negative number")
    let each = minimumCapacity / shardCount + (minimumCapacity % shardCount == 0 ? 0 : 1)
    for index in 0..<shards.count { shards.withLock(index) { $0.reserveCapacity(each) } }
  }

  /// The number of elements, counted shard by shard while others change them.
  ///
  /// - Complexity: O(the number of shards).
  /// - Blocking: Waits for the operation in progress in every shard, one after the other.
  @inlinable
  public var approximateCount: Int {
    Reentrancy.enter(self, type: "ShardedDictionary", operation: "approximateCount")
    defer { Reentrancy.leave(self) }
    var count = 0
    for index in 0..<shards.count { count += shards.withLock(index) { $0.count } }
    return count
  }

  /// Calls a closure with all elements, a shard's at a time; others go on in between. The closure
  /// runs outside the mutexes.
  ///
  /// Which elements it sees: ``ConcurrentDictionary/forEachChunk(_:)``.
  ///
  /// - Throws: What the closure throws, at once.
  /// - Complexity: O(n). Copies the elements of one shard at a time.
  /// - Blocking: Waits for the operation in progress in each shard, one after the other.
  @inlinable
  public func forEachChunk<Failure: Error>(
    _ body: ([(key: Key, value: Value)]) throws(Failure) -> Void
  ) throws(Failure) {
    for index in 0..<shards.count {
      let chunk = elements(ofShard: index)
      if !chunk.isEmpty { try body(chunk) }
    }
  }

  @inlinable
  func elements(ofShard index: Int) -> [(key: Key, value: Value)] {
    Reentrancy.enter(self, type: "ShardedDictionary", operation: "forEachChunk(_:)")
    defer { Reentrancy.leave(self) }
    return shards.withLock(index) { store in
      var elements: [(key: Key, value: Value)] = []
      elements.reserveCapacity(store.count)
      store.forEachPlace { elements.append((store.entries[$0].key, store.entries[$0].value)) }
      return elements
    }
  }
}

extension HashedStore {
  /// Runs a closure with the value of a key, or nil, and stores or removes what it leaves.
  ///
  /// - Parameter stored: Has the table's own key after a removal, for the caller to destroy.
  @inlinable
  mutating func changeValue<Result, Failure: Error>(
    _ hash: UInt, _ key: Key, keeping stored: inout Key?, _ body: (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let place = find(hash, key)
    guard place >= 0 else {
      var value: Value?
      defer { if let value { insert(hash, key, value, at: ~place) } }
      return try body(&value)
    }
    // Moved out and back, so that the closure is the only one who holds the value and changes it in
    // place.
    let entry = (entries + place).move()
    stored = entry.key
    var value: Value? = entry.value
    _ = consume entry
    defer {
      if let left = value.take(), let key = stored {
        (entries + place).initialize(to: Entry(hash: hash, key: key, value: left))
      } else {
        closeGap(at: place)
        shrinkIfSparse()
      }
    }
    return try body(&value)
  }

  /// Makes room for a number of elements.
  @usableFromInline
  mutating func reserveCapacity(_ minimumCapacity: Int) {
    let places = Self.places(for: minimumCapacity)
    if places > mask + 1 { resize(to: places) }
  }
}
