// SPDX-License-Identifier: Apache-2.0
//
// Reads of a part of a set or a dictionary, each one access. Slices are the plain collections' own:
// snapshots. The array has these members of its own.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedCollection {
  /// The elements outside a set of ranges: a snapshot.
  ///
  /// - Complexity: O(r), with r ranges.
  @inlinable @inline(always)
  public func removingSubranges(_ subranges: RangeSet<Index>) -> DiscontiguousSlice<Plain> {
    readPlain(.removingSubranges) { $0.removingSubranges(subranges) }
  }

  /// All elements but the first `k`.
  ///
  /// - Complexity: O(k).
  @inlinable @inline(always)
  public func dropFirst(_ k: Int = 1) -> SubSequence {
    readPlain(.dropFirst) { $0.dropFirst(k) }
  }

  /// The elements from the first that `predicate` refuses.
  ///
  /// - Throws: what `predicate` throws.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func drop(while predicate: (Element) throws -> Bool) rethrows -> SubSequence {
    try readPlain(.dropWhile) { plain throws in try plain.drop(while: predicate) }
  }

  /// The first `maxLength` elements.
  ///
  /// - Complexity: O(maxLength).
  @inlinable @inline(always)
  public func prefix(_ maxLength: Int) -> SubSequence {
    readPlain(.prefix) { $0.prefix(maxLength) }
  }

  /// The elements before `end`.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public func prefix(upTo end: Index) -> SubSequence {
    readPlain(.prefixUpTo) { $0.prefix(upTo: end) }
  }

  /// The elements up to the one at `position`.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public func prefix(through position: Index) -> SubSequence {
    readPlain(.prefixThrough) { $0.prefix(through: position) }
  }

  /// The elements before the first that `predicate` refuses.
  ///
  /// - Throws: what `predicate` throws.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func prefix(while predicate: (Element) throws -> Bool) rethrows -> SubSequence {
    try readPlain(.prefixWhile) { plain throws in try plain.prefix(while: predicate) }
  }

  /// The elements from the one at `start`.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public func suffix(from start: Index) -> SubSequence {
    readPlain(.suffixFrom) { $0.suffix(from: start) }
  }

  /// The runs of elements between those that `isSeparator` accepts.
  ///
  /// - Throws: what `isSeparator` throws.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func split(
    maxSplits: Int = Int.max, omittingEmptySubsequences: Bool = true,
    whereSeparator isSeparator: (Element) throws -> Bool
  ) rethrows -> [SubSequence] {
    try readPlain(.splitWhere) { plain throws in
      try plain.split(
        maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences, whereSeparator: isSeparator)
    }
  }

  /// The elements at the indices of a set of ranges: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public subscript(subranges: RangeSet<Index>) -> DiscontiguousSlice<Plain> {
    @inline(always) get { readPlain(.subscriptSubranges) { $0[subranges] } }
  }

  /// All elements but the last `k`.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func dropLast(_ k: Int = 1) -> SubSequence {
    readPlain(.dropLast) { $0.dropLast(k) }
  }

  /// The last `maxLength` elements.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func suffix(_ maxLength: Int) -> SubSequence {
    readPlain(.suffix) { $0.suffix(maxLength) }
  }
}

#endif
