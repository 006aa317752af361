// SPDX-License-Identifier: Apache-2.0
//
// Creation of sets: Set's own initialisers, whose results are wrapped. Nothing here accesses a
// shared set.

#if AUDITED && canImport(Glibc)

extension AuditedSet {
  /// Creates an empty set with room for `minimumCapacity` members.
  ///
  /// - Complexity: O(minimumCapacity).
  @inlinable
  public init(minimumCapacity: Int) {
    self.init(Set(minimumCapacity: minimumCapacity))
  }

  /// Creates a set of the elements of a sequence.
  ///
  /// - Complexity: O(n) on average.
  @inlinable
  public init<Source: Sequence>(_ sequence: Source) where Source.Element == Element {
    self.init(wrapping: Set(sequence))
  }

  /// The same set: a copy, as by assignment.
  ///
  /// - Complexity: O(1).
  @inlinable
  public init(_ set: AuditedSet) { self = set }
}

extension AuditedSet: ExpressibleByArrayLiteral {
  /// The set of a literal; the first of equal elements stays.
  ///
  /// - Complexity: O(n) on average.
  @inlinable @inline(always)
  public init(arrayLiteral elements: Element...) {
    self.init(wrapping: Set(elements))
  }
}

#endif
