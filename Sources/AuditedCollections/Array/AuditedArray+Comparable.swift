// SPDX-License-Identifier: Apache-2.0
//
// Reads that require comparable elements, or elements that are sequences; each is one access.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray where Element: Equatable {
  /// Whether `element` is in the array.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func contains(_ element: Element) -> Bool {
    read(.contains) { $0.contains(element) }
  }

  /// The first index of `element`; `nil` when it is not in the array.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func firstIndex(of element: Element) -> Index? {
    read(.firstIndexOf) { $0.firstIndex(of: element) }
  }

  /// The last index of `element`; `nil` when it is not in the array.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func lastIndex(of element: Element) -> Index? {
    read(.lastIndexOf) { $0.lastIndex(of: element) }
  }

  /// The former name of `firstIndex(of:)`.
  ///
  /// - Complexity: O(n).
  @available(*, deprecated, renamed: "firstIndex(of:)")
  @inlinable
  public func index(of element: Element) -> Index? {
    read(.firstIndexOf) { $0.firstIndex(of: element) }
  }

  /// The indices of the elements that equal `element`.
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

  /// Whether the first elements are the elements of `possiblePrefix`.
  ///
  /// - Complexity: O(m).
  @inlinable
  public func starts<PossiblePrefix: Sequence>(
    with possiblePrefix: PossiblePrefix
  ) -> Bool where PossiblePrefix.Element == Element {
    read(.startsWith) { $0.starts(with: possiblePrefix) }
  }

  /// The runs of elements between those that equal `separator`.
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

  /// The difference that changes `other` into this array.
  ///
  /// - Complexity: O(n * d), with d differences.
  @inlinable
  public func difference<C: BidirectionalCollection>(
    from other: C
  ) -> CollectionDifference<Element> where C.Element == Element {
    read(.difference) { $0.difference(from: other) }
  }
}

extension AuditedArray where Element: Comparable {
  /// The smallest element; `nil` when there is none.
  ///
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable
  public func min() -> Element? {
    read(.min) { $0.min() }
  }

  /// The greatest element; `nil` when there is none.
  ///
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable
  public func max() -> Element? {
    read(.max) { $0.max() }
  }

  /// The elements in their order.
  ///
  /// - Complexity: O(n log n).
  @inlinable
  public func sorted() -> [Element] {
    read(.sorted) { $0.sorted() }
  }

  /// Whether the elements come before the elements of `other` in lexicographic order.
  ///
  /// - Complexity: O(min(n, m)).
  @inlinable
  public func lexicographicallyPrecedes<OtherSequence: Sequence>(
    _ other: OtherSequence
  ) -> Bool where OtherSequence.Element == Element {
    read(.lexicographicallyPrecedes) { $0.lexicographicallyPrecedes(other) }
  }
}

extension AuditedArray where Element == String {
  /// The elements as one string with `separator` between them.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func joined(separator: String = "") -> String {
    read(.joinedSeparator) { $0.joined(separator: separator) }
  }
}

#endif
