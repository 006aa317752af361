// SPDX-License-Identifier: Apache-2.0
//
// Reads of a part, each one access. Slices are Array's own types, and snapshots.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// The elements at the indices of a set of ranges: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public subscript(subranges: RangeSet<Index>) -> DiscontiguousSlice<[Element]> {
    read(.subscriptSubranges) { $0[subranges] }
  }

  /// The elements outside a set of ranges: a snapshot.
  ///
  /// - Complexity: O(r), with r ranges.
  @inlinable
  public func removingSubranges(_ subranges: RangeSet<Index>) -> DiscontiguousSlice<[Element]> {
    read(.removingSubranges) { $0.removingSubranges(subranges) }
  }

  /// All elements but the first `k`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func dropFirst(_ k: Int = 1) -> SubSequence {
    read(.dropFirst) { $0.dropFirst(k) }
  }

  /// All elements but the last `k`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func dropLast(_ k: Int = 1) -> SubSequence {
    read(.dropLast) { $0.dropLast(k) }
  }

  /// The elements from the first that `predicate` rejects.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func drop(while predicate: (Element) throws -> Bool) rethrows -> SubSequence {
    try read(.dropWhile) { plain throws in try plain.drop(while: predicate) }
  }

  /// The first `maxLength` elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func prefix(_ maxLength: Int) -> SubSequence {
    read(.prefix) { $0.prefix(maxLength) }
  }

  /// The elements before `end`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func prefix(upTo end: Index) -> SubSequence {
    read(.prefixUpTo) { $0.prefix(upTo: end) }
  }

  /// The elements up to the one at `position`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func prefix(through position: Index) -> SubSequence {
    read(.prefixThrough) { $0.prefix(through: position) }
  }

  /// The elements before the first that `predicate` rejects.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func prefix(while predicate: (Element) throws -> Bool) rethrows -> SubSequence {
    try read(.prefixWhile) { plain throws in try plain.prefix(while: predicate) }
  }

  /// The last `maxLength` elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func suffix(_ maxLength: Int) -> SubSequence {
    read(.suffix) { $0.suffix(maxLength) }
  }

  /// The elements from the one at `start`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func suffix(from start: Index) -> SubSequence {
    read(.suffixFrom) { $0.suffix(from: start) }
  }

  /// The runs of elements between those that `isSeparator` accepts.
  ///
  /// - Throws: the error of `isSeparator`.
  /// - Complexity: O(n).
  @inlinable
  public func split(
    maxSplits: Int = Int.max, omittingEmptySubsequences: Bool = true,
    whereSeparator isSeparator: (Element) throws -> Bool
  ) rethrows -> [SubSequence] {
    try read(.splitWhere) { plain throws in
      try plain.split(
        maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences, whereSeparator: isSeparator)
    }
  }
}

#endif
