// SPDX-License-Identifier: Apache-2.0
//
// Reads that run the caller's closures, each one access: `Sequence` would make an access for each member.

#if DEBUG || AuditInRelease

  public import AccessAudit

  extension AuditedSet {
    /// Calls `body` with each member, inside one read.
    ///
    /// - Throws: what `body` throws.
    /// - Complexity: O(n).
    @inlinable
    public func forEach(_ body: (Element) throws -> Void) rethrows {
      try read(.forEach) { plain throws in try plain.forEach(body) }
    }

    /// What `transform` makes of each member.
    ///
    /// - Throws: what `transform` throws.
    /// - Complexity: O(n).
    @inlinable
    public func map<T, E: Error>(_ transform: (Element) throws(E) -> T) throws(E) -> [T] {
      try read(.map) { plain throws(E) in try plain.map(transform) }
    }

    /// What `transform` makes of each member, without the `nil`s.
    ///
    /// - Throws: what `transform` throws.
    /// - Complexity: O(n).
    @inlinable
    public func compactMap<ElementOfResult>(
      _ transform: (Element) throws -> ElementOfResult?
    ) rethrows -> [ElementOfResult] {
      try read(.compactMap) { plain throws in try plain.compactMap(transform) }
    }

    /// The elements of the sequences that `transform` makes of the members.
    ///
    /// - Throws: what `transform` throws.
    /// - Complexity: O(n + m), with m elements in the result.
    @inlinable
    public func flatMap<SegmentOfResult: Sequence>(
      _ transform: (Element) throws -> SegmentOfResult
    ) rethrows -> [SegmentOfResult.Element] {
      try read(.flatMap) { plain throws in try plain.flatMap(transform) }
    }

    /// The former name of `compactMap(_:)`.
    ///
    /// - Throws: what `transform` throws.
    /// - Complexity: O(n).
    @available(*, deprecated, renamed: "compactMap(_:)")
    @inlinable
    public func flatMap<ElementOfResult>(
      _ transform: (Element) throws -> ElementOfResult?
    ) rethrows -> [ElementOfResult] {
      try read(.compactMap) { plain throws in try plain.compactMap(transform) }
    }

    /// Combines the members, one after the other, with `initialResult`.
    ///
    /// - Throws: what `nextPartialResult` throws.
    /// - Complexity: O(n).
    @inlinable
    public func reduce<Result>(
      _ initialResult: Result, _ nextPartialResult: (Result, Element) throws -> Result
    ) rethrows -> Result {
      try read(.reduce) { plain throws in try plain.reduce(initialResult, nextPartialResult) }
    }

    /// Has each member change `initialResult`.
    ///
    /// - Throws: what `updateAccumulatingResult` throws.
    /// - Complexity: O(n).
    @inlinable
    public func reduce<Result>(
      into initialResult: Result, _ updateAccumulatingResult: (inout Result, Element) throws -> Void
    ) rethrows -> Result {
      try read(.reduceInto) { plain throws in try plain.reduce(into: initialResult, updateAccumulatingResult) }
    }

    /// The first member that `predicate` accepts.
    ///
    /// - Throws: what `predicate` throws.
    /// - Complexity: O(n).
    @inlinable
    public func first(where predicate: (Element) throws -> Bool) rethrows -> Element? {
      try read(.firstWhere) { plain throws in try plain.first(where: predicate) }
    }

    /// Whether `predicate` accepts any member.
    ///
    /// - Throws: what `predicate` throws.
    /// - Complexity: O(n).
    @inlinable
    public func contains(where predicate: (Element) throws -> Bool) rethrows -> Bool {
      try read(.containsWhere) { plain throws in try plain.contains(where: predicate) }
    }

    /// Whether `predicate` accepts every member.
    ///
    /// - Throws: what `predicate` throws.
    /// - Complexity: O(n).
    @inlinable
    public func allSatisfy(_ predicate: (Element) throws -> Bool) rethrows -> Bool {
      try read(.allSatisfy) { plain throws in try plain.allSatisfy(predicate) }
    }

    /// How many members `predicate` accepts.
    ///
    /// - Throws: what `predicate` throws.
    /// - Complexity: O(n).
    @inlinable
    public func count<E: Error>(where predicate: (Element) throws(E) -> Bool) throws(E) -> Int {
      try read(.countWhere) { plain throws(E) in try plain.count(where: predicate) }
    }

    /// The smallest member in the order of `areInIncreasingOrder`.
    ///
    /// - Throws: what `areInIncreasingOrder` throws.
    /// - Complexity: O(n).
    @warn_unqualified_access
    @inlinable
    public func min(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> Element? {
      try read(.minBy) { plain throws in try plain.min(by: areInIncreasingOrder) }
    }

    /// The greatest member in the order of `areInIncreasingOrder`.
    ///
    /// - Throws: what `areInIncreasingOrder` throws.
    /// - Complexity: O(n).
    @warn_unqualified_access
    @inlinable
    public func max(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> Element? {
      try read(.maxBy) { plain throws in try plain.max(by: areInIncreasingOrder) }
    }

    /// The members in the order of `areInIncreasingOrder`.
    ///
    /// - Throws: what `areInIncreasingOrder` throws.
    /// - Complexity: O(n log n).
    @inlinable
    public func sorted(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> [Element] {
      try read(.sortedBy) { plain throws in try plain.sorted(by: areInIncreasingOrder) }
    }

    /// Whether `other` has as many elements, each equivalent to the member at its place.
    ///
    /// - Throws: what `areEquivalent` throws.
    /// - Complexity: O(min(n, m)).
    @inlinable
    public func elementsEqual<OtherSequence: Sequence>(
      _ other: OtherSequence, by areEquivalent: (Element, OtherSequence.Element) throws -> Bool
    ) rethrows -> Bool {
      try read(.elementsEqualBy) { plain throws in try plain.elementsEqual(other, by: areEquivalent) }
    }

    /// Whether the first members are equivalent to the elements of `possiblePrefix`.
    ///
    /// - Throws: what `areEquivalent` throws.
    /// - Complexity: O(m).
    @inlinable
    public func starts<PossiblePrefix: Sequence>(
      with possiblePrefix: PossiblePrefix, by areEquivalent: (Element, PossiblePrefix.Element) throws -> Bool
    ) rethrows -> Bool {
      try read(.startsWithBy) { plain throws in try plain.starts(with: possiblePrefix, by: areEquivalent) }
    }

    /// Whether the members come before the elements of `other` in the order of a dictionary.
    ///
    /// - Throws: what `areInIncreasingOrder` throws.
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
