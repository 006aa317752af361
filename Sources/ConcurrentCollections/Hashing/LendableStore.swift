// SPDX-License-Identifier: Apache-2.0
//
// A hash table that can be had as a plain dictionary. The owner's lock is held in all of this; the keys' `hash(into:)` and `==` and
// callers' closures run inside.

/// The elements of a model that serves single keys quickly and lends the whole as a plain `Dictionary`.
///
/// The elements are in a ``HashedStore`` until somebody wants the plain dictionary. Then they move there, and stay for as long as
/// it takes to serve ``patience`` times as many operations on single keys as there are elements; then they move back. So a
/// move, which costs O(n), is paid for by what came before it, and a caller who wants the plain dictionary again and again has it in
/// O(1).
@usableFromInline
struct LendableStore<Key: Hashable & Sendable, Value: Sendable>: ~Copyable {
  /// What was removed, for the caller to destroy where that does no harm.
  @usableFromInline typealias Removed = (
    count: Int, entries: [HashedStore<Key, Value>.Entry], elements: [Key: Value]
  )

  /// Has the elements while `operationsUntilTable` is 0, else none.
  @usableFromInline var table: HashedStore<Key, Value>
  /// 0, or how many operations on single keys the plain dictionary is kept for.
  @usableFromInline var operationsUntilTable = 0
  /// Has the elements while `operationsUntilTable` is not 0, else none.
  @usableFromInline var plain: [Key: Value] = [:]
  @usableFromInline let hasher: KeyHasher<Key>

  /// How many operations on single keys for each element, and how many at least, the plain dictionary is kept for.
  @usableFromInline static var patience: (each: Int, least: Int) { (2, 64) }

  @inlinable
  init(minimumCapacity: Int, _ hasher: KeyHasher<Key>) {
    table = HashedStore(minimumCapacity: minimumCapacity)
    self.hasher = hasher
  }

  @inlinable
  init(_ elements: [Key: Value], _ hasher: KeyHasher<Key>) {
    self.init(minimumCapacity: elements.count, hasher)
    for (key, value) in elements { _ = table.update(hasher.hash(key), key, value) }
  }

  /// Whether the elements are in the plain dictionary.
  @inlinable @inline(__always)  // One load.
  var isPlain: Bool { operationsUntilTable != 0 }

  @inlinable
  var count: Int { isPlain ? plain.count : table.count }

  // MARK: The plain dictionary

  /// The elements as a plain dictionary: O(n) while they are in the table, else O(1).
  @inlinable
  func snapshot() -> [Key: Value] {
    if isPlain { return plain }
    var elements = [Key: Value](minimumCapacity: table.count)
    table.forEachPlace { elements[table.entries[$0].key] = table.entries[$0].value }
    return elements
  }

  /// Moves the elements into the plain dictionary, where the caller finds them.
  @inlinable
  mutating func makePlain() {
    if !isPlain {
      plain = snapshot()
      // The values live on in the plain dictionary, so no `deinit` of theirs runs here.
      table = HashedStore()
    }
    operationsUntilTable = max(Self.patience.least, Self.patience.each * plain.count)
  }

  /// Notes an operation on a single key; the last one that the plain dictionary is kept for moves the elements back.
  @usableFromInline @inline(never)
  mutating func countOperation() {
    operationsUntilTable -= 1
    if isPlain { return }
    table = HashedStore(minimumCapacity: plain.count)
    for (key, value) in plain { _ = table.update(hasher.hash(key), key, value) }
    plain = [:]
  }

  // MARK: Single keys

  /// Looks a key up, for callers that may change nothing.
  @inlinable @inline(__always)  // The read path.
  borrowing func value(_ hash: UInt, _ key: Key) -> Value? {
    if isPlain { return plain[key] }
    return table.value(hash, key)
  }

  /// Looks a key up, for callers that have the store to themselves.
  @inlinable @inline(__always)  // The read path.
  mutating func lookUp(_ hash: UInt, _ key: Key) -> Value? {
    if isPlain {
      countOperation()
      if isPlain { return plain[key] }
    }
    return table.value(hash, key)
  }

  @inlinable
  mutating func update(_ hash: UInt, _ key: Key, _ value: Value) -> Value? {
    if isPlain {
      countOperation()
      if isPlain { return plain.updateValue(value, forKey: key) }
    }
    return table.update(hash, key, value)
  }

  @inlinable
  mutating func remove(_ hash: UInt, _ key: Key) -> Value? {
    if isPlain {
      countOperation()
      if isPlain { return plain.removeValue(forKey: key) }
    }
    return table.remove(hash, key)
  }

  @inlinable
  mutating func insertIfAbsent(_ hash: UInt, _ key: Key, _ value: Value) -> (inserted: Bool, value: Value) {
    if isPlain {
      countOperation()
      if isPlain {
        if let present = plain[key] { return (false, present) }
        plain[key] = value
        return (true, value)
      }
    }
    return table.insertIfAbsent(hash, key, value)
  }

  @inlinable
  mutating func withValue<Result, Failure: Error>(
    _ hash: UInt, _ key: Key, default defaultValue: () -> Value, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if isPlain {
      countOperation()
      if isPlain { return try body(&plain[key, default: defaultValue()]) }
    }
    return try table.withValue(hash, key, default: defaultValue, body)
  }

  // MARK: All keys

  /// Removes the elements for which the closure returns true, or none when it throws.
  @inlinable
  mutating func takeOut<Failure: Error>(
    where shouldBeRemoved: ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> Removed {
    if isPlain {
      let (elements, count) = try plain.takeOut(where: shouldBeRemoved)
      return (count, [], elements)
    }
    let doomed = try table.matches(shouldBeRemoved)
    var removed: [HashedStore<Key, Value>.Entry] = []
    removed.reserveCapacity(doomed.count)
    table.remove(doomed, into: &removed)
    return (doomed.count, removed, [:])
  }
}
