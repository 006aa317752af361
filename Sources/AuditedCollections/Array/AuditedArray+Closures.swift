// SPDX-License-Identifier: Apache-2.0
//
// Reads that run the caller's closures. Each is one access; `Sequence` would make one for each
// element.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// Calls `body` with each element, inside one read.
  ///
  /// - Throws: the error of `body`.
  /// - Complexity: O(n).
  @inlinable
  public func forEach(_ body: (Element) throws -> Void) rethrows {
    try read(.forEach) { plain throws in try plain.forEach(body) }
  }

  /// The results of `transform` for the elements.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n).
  @inlinable
  public func map<T, E: Error>(_ transform: (Element) throws(E) -> T) throws(E) -> [T] {
    try read(.map) { plain throws(E) in try plain.map(transform) }
  }

  /// The results of `transform` for the elements, without `nil`.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n).
  @inlinable
  public func compactMap<ElementOfResult>(
    _ transform: (Element) throws -> ElementOfResult?
  ) rethrows -> [ElementOfResult] {
    try read(.compactMap) { plain throws in try plain.compactMap(transform) }
  }

  /// The elements of the sequences that `transform` returns for the elements.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n + m), with m elements in the result.
  @inlinable
  public func flatMap<SegmentOfResult: Sequence>(
    _ transform: (Element) throws -> SegmentOfResult
  ) rethrows -> [SegmentOfResult.Element] {
    try read(.flatMap) { plain throws in try plain.flatMap(transform) }
  }

  /// The former name of `compactMap(_:)`.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n).
  @available(*, deprecated, renamed: "compactMap(_:)")
  @inlinable
  public func flatMap<ElementOfResult>(
    _ transform: (Element) throws -> ElementOfResult?
  ) rethrows -> [ElementOfResult] {
    try read(.compactMap) { plain throws in try plain.compactMap(transform) }
  }

  /// The elements that `isIncluded` accepts.
  ///
  /// - Throws: the error of `isIncluded`.
  /// - Complexity: O(n).
  @inlinable
  public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> [Element] {
    try read(.filter) { plain throws in try plain.filter(isIncluded) }
  }

  /// Combines the elements, one after the other, with `initialResult`.
  ///
  /// - Throws: the error of `nextPartialResult`.
  /// - Complexity: O(n).
  @inlinable
  public func reduce<Result>(
    _ initialResult: Result, _ nextPartialResult: (Result, Element) throws -> Result
  ) rethrows -> Result {
    try read(.reduce) { plain throws in try plain.reduce(initialResult, nextPartialResult) }
  }

  /// Updates `initialResult` with each element; returns the result.
  ///
  /// - Throws: the error of `updateAccumulatingResult`.
  /// - Complexity: O(n).
  @inlinable
  public func reduce<Result>(
    into initialResult: Result, _ updateAccumulatingResult: (inout Result, Element) throws -> Void
  ) rethrows -> Result {
    try read(.reduceInto) { plain throws in try plain.reduce(into: initialResult, updateAccumulatingResult) }
  }

  /// The first element that `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func first(where predicate: (Element) throws -> Bool) rethrows -> Element? {
    try read(.firstWhere) { plain throws in try plain.first(where: predicate) }
  }

  /// Whether `predicate` accepts any element.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func contains(where predicate: (Element) throws -> Bool) rethrows -> Bool {
    try read(.containsWhere) { plain throws in try plain.contains(where: predicate) }
  }

  /// Whether `predicate` accepts every element.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func allSatisfy(_ predicate: (Element) throws -> Bool) rethrows -> Bool {
    try read(.allSatisfy) { plain throws in try plain.allSatisfy(predicate) }
  }

  /// The number of elements that `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func count<E: Error>(where predicate: (Element) throws(E) -> Bool) throws(E) -> Int {
    try read(.countWhere) { plain throws(E) in try plain.count(where: predicate) }
  }

  /// The smallest element in the order of `areInIncreasingOrder`.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable
  public func min(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> Element? {
    try read(.minBy) { plain throws in try plain.min(by: areInIncreasingOrder) }
  }

  /// The greatest element in the order of `areInIncreasingOrder`.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable
  public func max(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> Element? {
    try read(.maxBy) { plain throws in try plain.max(by: areInIncreasingOrder) }
  }

  /// The elements in the order of `areInIncreasingOrder`.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(n log n).
  @inlinable
  public func sorted(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> [Element] {
    try read(.sortedBy) { plain throws in try plain.sorted(by: areInIncreasingOrder) }
  }

  /// Whether `other` has as many elements, each equivalent to the element at its place.
  ///
  /// - Throws: the error of `areEquivalent`.
  /// - Complexity: O(min(n, m)).
  @inlinable
  public func elementsEqual<OtherSequence: Sequence>(
    _ other: OtherSequence, by areEquivalent: (Element, OtherSequence.Element) throws -> Bool
  ) rethrows -> Bool {
    try read(.elementsEqualBy) { plain throws in try plain.elementsEqual(other, by: areEquivalent) }
  }

  /// Whether the first elements are equivalent to the elements of `possiblePrefix`.
  ///
  /// - Throws: the error of `areEquivalent`.
  /// - Complexity: O(m).
  @inlinable
  public func starts<PossiblePrefix: Sequence>(
    with possiblePrefix: PossiblePrefix, by areEquivalent: (Element, PossiblePrefix.Element) throws -> Bool
  ) rethrows -> Bool {
    try read(.startsWithBy) { plain throws in try plain.starts(with: possiblePrefix, by: areEquivalent) }
  }

  /// Whether the elements come before the elements of `other` in lexicographic order, by
  /// `areInIncreasingOrder`.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(min(n, m)).
  @inlinable
  public func lexicographicallyPrecedes<OtherSequence: Sequence>(
    _ other: OtherSequence, by areInIncreasingOrder: (Element, Element) throws -> Bool
  ) rethrows -> Bool where OtherSequence.Element == Element {
    try read(.lexicographicallyPrecedesBy) { plain throws in
      try plain.lexicographicallyPrecedes(other, by: areInIncreasingOrder)
    }
  }
}

#endif
