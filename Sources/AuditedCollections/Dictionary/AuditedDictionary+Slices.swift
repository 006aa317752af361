// SPDX-License-Identifier: Apache-2.0
//
// Reads of a part, each one access. Slices are Dictionary's own types, and snapshots.

#if DEBUG || AuditInRelease

  public import AccessAudit

  extension AuditedDictionary {
    /// The pairs between two indices: a snapshot.
    ///
    /// - Complexity: O(1).
    @inlinable
    public subscript(bounds: Range<Index>) -> SubSequence {
      read(.subscriptBoundsGet) { $0[bounds] }
    }

    /// The pairs between the bounds of a range expression: a snapshot.
    ///
    /// - Complexity: O(1).
    @inlinable
    public subscript<R: RangeExpression>(r: R) -> SubSequence where R.Bound == Index {
      read(.subscriptBoundsGet) { $0[r] }
    }

    /// All pairs: a snapshot.
    ///
    /// - Complexity: O(1).
    @inlinable
    public subscript(x: (UnboundedRange_) -> Void) -> SubSequence {
      read(.subscriptBoundsGet) { $0[x] }
    }

    /// The pairs at the indices of a set of ranges: a snapshot.
    ///
    /// - Complexity: O(1).
    @inlinable
    public subscript(subranges: RangeSet<Index>) -> DiscontiguousSlice<[Key: Value]> {
      read(.subscriptSubranges) { $0[subranges] }
    }

    /// The pairs outside a set of ranges: a snapshot.
    ///
    /// - Complexity: O(r), with r ranges.
    @inlinable
    public func removingSubranges(_ subranges: RangeSet<Index>) -> DiscontiguousSlice<[Key: Value]> {
      read(.removingSubranges) { $0.removingSubranges(subranges) }
    }

    /// All pairs but the first `k`.
    ///
    /// - Complexity: O(k).
    @inlinable
    public func dropFirst(_ k: Int = 1) -> SubSequence {
      read(.dropFirst) { $0.dropFirst(k) }
    }

    /// All pairs but the last `k`.
    ///
    /// - Complexity: O(n).
    @inlinable
    public func dropLast(_ k: Int = 1) -> SubSequence {
      read(.dropLast) { $0.dropLast(k) }
    }

    /// The pairs from the first that `predicate` rejects.
    ///
    /// - Throws: the error of `predicate`.
    /// - Complexity: O(n).
    @inlinable
    public func drop(while predicate: (Element) throws -> Bool) rethrows -> SubSequence {
      try read(.dropWhile) { plain throws in try plain.drop(while: predicate) }
    }

    /// The first `maxLength` pairs.
    ///
    /// - Complexity: O(maxLength).
    @inlinable
    public func prefix(_ maxLength: Int) -> SubSequence {
      read(.prefix) { $0.prefix(maxLength) }
    }

    /// The pairs before `end`.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func prefix(upTo end: Index) -> SubSequence {
      read(.prefixUpTo) { $0.prefix(upTo: end) }
    }

    /// The pairs up to the one at `position`.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func prefix(through position: Index) -> SubSequence {
      read(.prefixThrough) { $0.prefix(through: position) }
    }

    /// The pairs before the first that `predicate` rejects.
    ///
    /// - Throws: the error of `predicate`.
    /// - Complexity: O(n).
    @inlinable
    public func prefix(while predicate: (Element) throws -> Bool) rethrows -> SubSequence {
      try read(.prefixWhile) { plain throws in try plain.prefix(while: predicate) }
    }

    /// The last `maxLength` pairs.
    ///
    /// - Complexity: O(n).
    @inlinable
    public func suffix(_ maxLength: Int) -> SubSequence {
      read(.suffix) { $0.suffix(maxLength) }
    }

    /// The pairs from the one at `start`.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func suffix(from start: Index) -> SubSequence {
      read(.suffixFrom) { $0.suffix(from: start) }
    }

    /// The runs of pairs between those that `isSeparator` accepts.
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
