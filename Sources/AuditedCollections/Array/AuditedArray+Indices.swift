// SPDX-License-Identifier: Apache-2.0
//
// Moving among the elements by index, each step one access.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// The first index; the end index when there is no element.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var startIndex: Index {
    read(.startIndex) { $0.startIndex }
  }

  /// The index behind the last element.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var endIndex: Index {
    read(.endIndex) { $0.endIndex }
  }

  /// The indices of the elements: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var indices: Range<Int> {
    read(.indices) { $0.indices }
  }

  /// The index after `i`, which must be valid and not the end.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func index(after i: Index) -> Index {
    read(.indexAfter) { $0.index(after: i) }
  }

  /// Moves `i`, which must be valid and not the end, to the next element.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func formIndex(after i: inout Index) {
    read(.formIndexAfter) { $0.formIndex(after: &i) }
  }

  /// The index before `i`, which must be valid and not the first.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func index(before i: Index) -> Index {
    read(.indexBefore) { $0.index(before: i) }
  }

  /// Moves `i`, which must be valid and not the first, to the element before.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func formIndex(before i: inout Index) {
    read(.formIndexBefore) { $0.formIndex(before: &i) }
  }

  /// The index `distance` elements on.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func index(_ i: Index, offsetBy distance: Int) -> Index {
    read(.indexOffsetBy) { $0.index(i, offsetBy: distance) }
  }

  /// The index `distance` elements on; `nil` when that is beyond `limit`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func index(_ i: Index, offsetBy distance: Int, limitedBy limit: Index) -> Index? {
    read(.indexOffsetByLimitedBy) { $0.index(i, offsetBy: distance, limitedBy: limit) }
  }

  /// Moves `i` by `distance` elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func formIndex(_ i: inout Index, offsetBy distance: Int) {
    read(.formIndexOffsetBy) { $0.formIndex(&i, offsetBy: distance) }
  }

  /// Moves `i` by `distance` elements, or to `limit`; returns `false` when it stopped at the
  /// limit.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func formIndex(_ i: inout Index, offsetBy distance: Int, limitedBy limit: Index) -> Bool {
    read(.formIndexOffsetByLimitedBy) { $0.formIndex(&i, offsetBy: distance, limitedBy: limit) }
  }

  /// The number of elements between two indices.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func distance(from start: Index, to end: Index) -> Int {
    read(.distance) { $0.distance(from: start, to: end) }
  }

  /// The first index whose element `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func firstIndex(where predicate: (Element) throws -> Bool) rethrows -> Index? {
    try read(.firstIndexWhere) { plain throws in try plain.firstIndex(where: predicate) }
  }

  /// The indices whose elements `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func indices(where predicate: (Element) throws -> Bool) rethrows -> RangeSet<Index> {
    try read(.indicesWhere) { plain throws in try plain.indices(where: predicate) }
  }

  /// The last index whose element `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func lastIndex(where predicate: (Element) throws -> Bool) rethrows -> Index? {
    try read(.lastIndexWhere) { plain throws in try plain.lastIndex(where: predicate) }
  }
}

#endif
