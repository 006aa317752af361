// SPDX-License-Identifier: Apache-2.0
//
// Reads of sets and dictionaries that run the caller's closures, each one access: `Sequence` would
// make an access for each element. The array has these members of its own.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedCollection {
  /// Calls `body` with each element, inside one read.
  ///
  /// - Throws: the error of `body`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func forEach(_ body: (Element) throws -> Void) rethrows {
    try readPlain(.forEach) { plain throws in try plain.forEach(body) }
  }

  /// What `transform` makes of each element.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func map<T, E: Error>(_ transform: (Element) throws(E) -> T) throws(E) -> [T] {
    try readPlain(.map) { plain throws(E) in try plain.map(transform) }
  }

  /// What `transform` makes of each element, without the `nil`s.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func compactMap<ElementOfResult>(
    _ transform: (Element) throws -> ElementOfResult?
  ) rethrows -> [ElementOfResult] {
    try readPlain(.compactMap) { plain throws in try plain.compactMap(transform) }
  }

  /// The elements of the sequences that `transform` makes of the elements.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n + m), with m elements in the result.
  @inlinable @inline(always)
  public func flatMap<SegmentOfResult: Sequence>(
    _ transform: (Element) throws -> SegmentOfResult
  ) rethrows -> [SegmentOfResult.Element] {
    try readPlain(.flatMap) { plain throws in try plain.flatMap(transform) }
  }

  /// The former name of `compactMap(_:)`.
  ///
  /// - Throws: the error of `transform`.
  /// - Complexity: O(n).
  @available(*, deprecated, renamed: "compactMap(_:)")
  @inlinable @inline(always)
  public func flatMap<ElementOfResult>(
    _ transform: (Element) throws -> ElementOfResult?
  ) rethrows -> [ElementOfResult] {
    try readPlain(.compactMap) { plain throws in try plain.compactMap(transform) }
  }

  /// Combines the elements, one after the other, with `initialResult`.
  ///
  /// - Throws: the error of `nextPartialResult`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func reduce<Result>(
    _ initialResult: Result, _ nextPartialResult: (Result, Element) throws -> Result
  ) rethrows -> Result {
    try readPlain(.reduce) { plain throws in try plain.reduce(initialResult, nextPartialResult) }
  }

  /// Has each element change `initialResult`.
  ///
  /// - Throws: the error of `updateAccumulatingResult`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func reduce<Result>(
    into initialResult: Result, _ updateAccumulatingResult: (inout Result, Element) throws -> Void
  ) rethrows -> Result {
    try readPlain(.reduceInto) { plain throws in try plain.reduce(into: initialResult, updateAccumulatingResult) }
  }

  /// The first element that `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func first(where predicate: (Element) throws -> Bool) rethrows -> Element? {
    try readPlain(.firstWhere) { plain throws in try plain.first(where: predicate) }
  }

  /// Whether `predicate` accepts any element.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func contains(where predicate: (Element) throws -> Bool) rethrows -> Bool {
    try readPlain(.containsWhere) { plain throws in try plain.contains(where: predicate) }
  }

  /// Whether `predicate` accepts every element.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func allSatisfy(_ predicate: (Element) throws -> Bool) rethrows -> Bool {
    try readPlain(.allSatisfy) { plain throws in try plain.allSatisfy(predicate) }
  }

  /// How many elements `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func count<E: Error>(where predicate: (Element) throws(E) -> Bool) throws(E) -> Int {
    try readPlain(.countWhere) { plain throws(E) in try plain.count(where: predicate) }
  }

  /// The smallest element in the order of `areInIncreasingOrder`.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable @inline(always)
  public func min(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> Element? {
    try readPlain(.minBy) { plain throws in try plain.min(by: areInIncreasingOrder) }
  }

  /// The greatest element in the order of `areInIncreasingOrder`.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(n).
  @warn_unqualified_access
  @inlinable @inline(always)
  public func max(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> Element? {
    try readPlain(.maxBy) { plain throws in try plain.max(by: areInIncreasingOrder) }
  }

  /// The elements in the order of `areInIncreasingOrder`.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(n log n).
  @inlinable @inline(always)
  public func sorted(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> [Element] {
    try readPlain(.sortedBy) { plain throws in try plain.sorted(by: areInIncreasingOrder) }
  }

  /// Whether `other` has as many elements, each equivalent to the element at its place.
  ///
  /// - Throws: the error of `areEquivalent`.
  /// - Complexity: O(min(n, m)).
  @inlinable @inline(always)
  public func elementsEqual<OtherSequence: Sequence>(
    _ other: OtherSequence, by areEquivalent: (Element, OtherSequence.Element) throws -> Bool
  ) rethrows -> Bool {
    try readPlain(.elementsEqualBy) { plain throws in try plain.elementsEqual(other, by: areEquivalent) }
  }

  /// Whether the first elements are equivalent to the elements of `possiblePrefix`.
  ///
  /// - Throws: the error of `areEquivalent`.
  /// - Complexity: O(m).
  @inlinable @inline(always)
  public func starts<PossiblePrefix: Sequence>(
    with possiblePrefix: PossiblePrefix, by areEquivalent: (Element, PossiblePrefix.Element) throws -> Bool
  ) rethrows -> Bool {
    try readPlain(.startsWithBy) { plain throws in try plain.starts(with: possiblePrefix, by: areEquivalent) }
  }

  /// Whether the elements come before the elements of `other` in lexicographic order.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(min(n, m)).
  @inlinable @inline(always)
  public func lexicographicallyPrecedes<OtherSequence: Sequence>(
    _ other: OtherSequence, by areInIncreasingOrder: (Element, Element) throws -> Bool
  ) rethrows -> Bool where OtherSequence.Element == Element {
    try readPlain(.lexicographicallyPrecedesBy) { plain throws in
      try plain.lexicographicallyPrecedes(other, by: areInIncreasingOrder)
    }
  }
}

#endif
