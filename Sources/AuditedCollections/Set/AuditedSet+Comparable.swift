// SPDX-License-Identifier: Apache-2.0
//
// Reads that require comparable members, or members that are sequences; each is one access.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet {
  /// The former name of `firstIndex(of:)`.
  ///
  /// - Complexity: O(1) on average.
  @available(*, deprecated, renamed: "firstIndex(of:)")
  @inlinable
  public func index(of element: Element) -> Index? {
    read(.firstIndexOf) { $0.firstIndex(of: element) }
  }

  /// The indices of the members that equal `element`.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func indices(of element: Element) -> RangeSet<Index> {
    read(.indicesOf) { $0.indices(of: element) }
  }

  /// Whether `other` has the same elements in the same order.
  ///
  /// - Complexity: O(min(n, m)).
  @inlinable
  public func elementsEqual<OtherSequence: Sequence>(
    _ other: OtherSequence
  ) -> Bool where OtherSequence.Element == Element {
    read(.elementsEqual) { $0.elementsEqual(other) }
  }

  /// Whether the first members are the elements of `possiblePrefix`.
  ///
  /// - Complexity: O(m).
  @inlinable
  public func starts<PossiblePrefix: Sequence>(
    with possiblePrefix: PossiblePrefix
  ) -> Bool where PossiblePrefix.Element == Element {
    read(.startsWith) { $0.starts(with: possiblePrefix) }
  }

  /// The runs of members between those that equal `separator`.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func split(
    separator: Element, maxSplits: Int = Int.max, omittingEmptySubsequences: Bool = true
  ) -> [SubSequence] {
    read(.split) {
      $0.split(
        separator: separator, maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
    }
  }
}

extension AuditedSet where Element: Comparable {
  /// The smallest member; `nil` when there is none.
  ///
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable
  public func min() -> Element? {
    read(.min) { $0.min() }
  }

  /// The greatest member; `nil` when there is none.
  ///
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable
  public func max() -> Element? {
    read(.max) { $0.max() }
  }

  /// The members in their order.
  ///
  /// - Complexity: O(n log n).
  @inlinable
  public func sorted() -> [Element] {
    read(.sorted) { $0.sorted() }
  }

  /// Whether the members come before the elements of `other` in lexicographic order.
  ///
  /// - Complexity: O(min(n, m)).
  @inlinable
  public func lexicographicallyPrecedes<OtherSequence: Sequence>(
    _ other: OtherSequence
  ) -> Bool where OtherSequence.Element == Element {
    read(.lexicographicallyPrecedes) { $0.lexicographicallyPrecedes(other) }
  }
}

#endif
