// SPDX-License-Identifier: Apache-2.0
//
// Set algebra whose result is a new set. Each reads this set once; another audited set is read
// before it.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet: SetAlgebra {
  /// The members that `isIncluded` accepts.
  ///
  /// - Throws: the error of `isIncluded`.
  /// - Complexity: O(n).
  @inlinable
  public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> AuditedSet {
    AuditedSet(wrapping: try read(.filter) { plain throws in try plain.filter(isIncluded) })
  }

  /// The members of this set and the elements of a sequence.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func union<S: Sequence>(_ other: S) -> AuditedSet where S.Element == Element {
    AuditedSet(read(.union) { $0.union(other) })
  }

  /// The members of this set and the elements of a set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func union(_ other: Set<Element>) -> AuditedSet {
    AuditedSet(read(.union) { $0.union(other) })
  }

  /// The members of this set and the elements of an audited set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func union(_ other: AuditedSet) -> AuditedSet {
    let plain = other.set
    return AuditedSet(read(.union) { $0.union(plain) })
  }

  /// The members that a sequence has too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func intersection<S: Sequence>(_ other: S) -> AuditedSet where S.Element == Element {
    AuditedSet(read(.intersection) { $0.intersection(other) })
  }

  /// The members that a set has too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func intersection(_ other: Set<Element>) -> AuditedSet {
    AuditedSet(read(.intersection) { $0.intersection(other) })
  }

  /// The members that an audited set has too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func intersection(_ other: AuditedSet) -> AuditedSet {
    let plain = other.set
    return AuditedSet(read(.intersection) { $0.intersection(plain) })
  }

  /// The members that a sequence lacks.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func subtracting<S: Sequence>(_ other: S) -> AuditedSet where S.Element == Element {
    AuditedSet(read(.subtracting) { $0.subtracting(other) })
  }

  /// The members that a set lacks.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func subtracting(_ other: Set<Element>) -> AuditedSet {
    AuditedSet(read(.subtracting) { $0.subtracting(other) })
  }

  /// The members that an audited set lacks.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func subtracting(_ other: AuditedSet) -> AuditedSet {
    let plain = other.set
    return AuditedSet(read(.subtracting) { $0.subtracting(plain) })
  }

  /// The elements that are either in this set or in a sequence.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func symmetricDifference<S: Sequence>(_ other: S) -> AuditedSet where S.Element == Element {
    AuditedSet(read(.symmetricDifference) { $0.symmetricDifference(other) })
  }

  /// The elements that are either in this set or in a set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func symmetricDifference(_ other: Set<Element>) -> AuditedSet {
    AuditedSet(read(.symmetricDifference) { $0.symmetricDifference(other) })
  }

  /// The elements that are either in this set or in an audited set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func symmetricDifference(_ other: AuditedSet) -> AuditedSet {
    let plain = other.set
    return AuditedSet(read(.symmetricDifference) { $0.symmetricDifference(plain) })
  }
}

#endif
