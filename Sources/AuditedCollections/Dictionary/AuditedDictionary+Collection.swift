// SPDX-License-Identifier: Apache-2.0
//
// Sequence and Collection. Indices, iterators, keys and values are Dictionary's own types:
// snapshots that any thread may use.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedDictionary: Collection {
  public typealias Element = (key: Key, value: Value)
  public typealias Index = Dictionary<Key, Value>.Index
  public typealias Keys = Dictionary<Key, Value>.Keys
  public typealias Values = Dictionary<Key, Value>.Values
  public typealias Iterator = Dictionary<Key, Value>.Iterator
  public typealias SubSequence = Slice<[Key: Value]>
  public typealias Indices = DefaultIndices<[Key: Value]>

  /// Runs `body` on the elements inside one read. The protocol's `readPlain` takes more
  /// instructions in an unoptimised build.
  @inlinable @inline(always)
  package func read<Result, Failure: Error>(
    _ operation: AccessOperation, _ body: (borrowing Storage) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let window = ReadWindow(monitorAddress, operation)
    defer {
      window.close(operation)
      _fixLifetime(self)
    }
    return try body(window.storage(as: Storage.self).pointee)
  }

  /// Runs `body` on the elements inside one write.
  @inlinable @inline(always)
  package mutating func write<Result, Failure: Error>(
    _ operation: AccessOperation, _ body: (inout Storage) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let window = WriteWindow(&monitor, operation)
    defer { window.close() }
    return try body(&window.storage(as: Storage.self).pointee)
  }

  /// An iterator over a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func makeIterator() -> Iterator {
    let window = ReadWindow(monitorAddress, .makeIterator)
    let iterator = window.storage(as: Storage.self).pointee.makeIterator()
    window.close(.makeIterator)
    _fixLifetime(self)
    return iterator
  }

  /// The number of pairs.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var count: Int {
    @inline(always) get {
      let window = ReadWindow(monitorAddress, .count)
      let count = window.storage(as: Storage.self).pointee.count
      window.close(.count)
      _fixLifetime(self)
      return count
    }
  }

  /// The number of pairs, for callers through `Sequence`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var underestimatedCount: Int { read(.underestimatedCount) { $0.underestimatedCount } }

  /// Whether there is no pair.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var isEmpty: Bool {
    @inline(always) get {
      let window = ReadWindow(monitorAddress, .isEmpty)
      let isEmpty = window.storage(as: Storage.self).pointee.isEmpty
      window.close(.isEmpty)
      _fixLifetime(self)
      return isEmpty
    }
  }

  /// The number of pairs that fit into the present storage.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var capacity: Int { read(.capacity) { $0.capacity } }

  /// The keys: a snapshot, in which `contains` is O(1).
  ///
  /// - Complexity: O(1).
  @inlinable
  public var keys: Keys { read(.keys) { $0.keys } }

  /// The index of `key`; `nil` when there is none.
  ///
  /// - Complexity: O(1) on average.
  @inlinable
  public func index(forKey key: Key) -> Index? { read(.indexForKey) { $0.index(forKey: key) } }

  /// The pair at `position`, which must be valid.
  ///
  /// - Complexity: O(1).
  @inlinable
  public subscript(position: Index) -> Element { read(.subscriptPosition) { $0[position] } }
}

#endif
