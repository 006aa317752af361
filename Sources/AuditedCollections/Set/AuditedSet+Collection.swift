// SPDX-License-Identifier: Apache-2.0
//
// Sequence and Collection. Indices and iterators are Set's own types: snapshots that any thread may
// use.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet: Collection {
  public typealias Index = Set<Element>.Index
  public typealias Iterator = Set<Element>.Iterator
  public typealias SubSequence = Slice<Set<Element>>
  public typealias Indices = DefaultIndices<Set<Element>>

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

  /// The number of members.
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

  /// The number of members, for callers through `Sequence`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var underestimatedCount: Int { read(.underestimatedCount) { $0.underestimatedCount } }

  /// Whether there is no member.
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

  /// The number of members that fit into the present storage.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var capacity: Int { read(.capacity) { $0.capacity } }

  /// Whether `member` is in the set.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @inline(always)
  public func contains(_ member: Element) -> Bool {
    let window = ReadWindow(monitorAddress, .contains)
    let isMember = window.storage(as: Storage.self).pointee.contains(member)
    window.close(.contains, key: member)
    _fixLifetime(self)
    return isMember
  }

  /// The index of `member`; `nil` when it is not in the set.
  ///
  /// - Complexity: O(1) on average.
  @inlinable
  public func firstIndex(of member: Element) -> Index? { read(.firstIndexOf) { $0.firstIndex(of: member) } }

  /// The member at `position`, which must be valid.
  ///
  /// - Complexity: O(1).
  @inlinable
  public subscript(position: Index) -> Element { read(.subscriptPosition) { $0[position] } }

  /// The search for a member by generic code, in O(1).
  @_implements(Sequence,_customContainsEquatableElement(_:))
  @inlinable
  public func containsByHash(_ member: Element) -> Bool? { contains(member) }

  /// The search for an index by generic code, in O(1).
  @_implements(Collection,_customIndexOfEquatableElement(_:))
  @inlinable
  public func firstIndexByHash(of member: Element) -> Index?? { .some(firstIndex(of: member)) }

  /// The search for an index by generic code, in O(1).
  @_implements(Collection,_customLastIndexOfEquatableElement(_:))
  @inlinable
  public func lastIndexByHash(of member: Element) -> Index?? { .some(firstIndex(of: member)) }
}

#endif
