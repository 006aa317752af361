// SPDX-License-Identifier: Apache-2.0
//
// Reads of a part, each one access. Slices are Dictionary's own types, and snapshots.

#if AUDITED && canImport(Glibc)

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
}

#endif
