// SPDX-License-Identifier: Apache-2.0
//
// Set algebra in place. Each is one window; another audited set is read before it.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet {
  /// Adds the elements of a sequence.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func formUnion<S: Sequence>(_ other: S) where S.Element == Element {
    let window = WriteWindow(&monitor, .formUnion)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formUnion(other)
  }

  /// Adds the elements of a set.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func formUnion(_ other: Set<Element>) {
    let window = WriteWindow(&monitor, .formUnion)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formUnion(other)
  }

  /// Adds the elements of an audited set, which is read before this one is written.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func formUnion(_ other: AuditedSet) {
    let plain = other.set
    let window = WriteWindow(&monitor, .formUnion)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formUnion(plain)
  }

  /// Removes the members that a sequence lacks.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public mutating func formIntersection<S: Sequence>(_ other: S) where S.Element == Element {
    let window = WriteWindow(&monitor, .formIntersection)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formIntersection(other)
  }

  /// Removes the members that a set lacks.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public mutating func formIntersection(_ other: Set<Element>) {
    let window = WriteWindow(&monitor, .formIntersection)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formIntersection(other)
  }

  /// Removes the members that an audited set lacks. That set is read before this one is written.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public mutating func formIntersection(_ other: AuditedSet) {
    let plain = other.set
    let window = WriteWindow(&monitor, .formIntersection)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formIntersection(plain)
  }

  /// Removes the members that a sequence has.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func subtract<S: Sequence>(_ other: S) where S.Element == Element {
    let window = WriteWindow(&monitor, .subtract)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.subtract(other)
  }

  /// Removes the members that a set has.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func subtract(_ other: Set<Element>) {
    let window = WriteWindow(&monitor, .subtract)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.subtract(other)
  }

  /// Removes the members that an audited set has. That set is read before this one is written.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func subtract(_ other: AuditedSet) {
    let plain = other.set
    let window = WriteWindow(&monitor, .subtract)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.subtract(plain)
  }

  /// Removes the members that a sequence has, and adds those that only it has.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func formSymmetricDifference<S: Sequence>(_ other: S) where S.Element == Element {
    let window = WriteWindow(&monitor, .formSymmetricDifference)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formSymmetricDifference(other)
  }

  /// Removes the members that a set has, and adds those that only it has.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func formSymmetricDifference(_ other: Set<Element>) {
    let window = WriteWindow(&monitor, .formSymmetricDifference)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formSymmetricDifference(other)
  }

  /// Removes the members that an audited set has, and adds those that only it has. That set is
  /// read before this one is written.
  ///
  /// - Complexity: O(m) on average, with m elements in `other`.
  @inlinable
  public mutating func formSymmetricDifference(_ other: AuditedSet) {
    let plain = other.set
    let window = WriteWindow(&monitor, .formSymmetricDifference)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.formSymmetricDifference(plain)
  }
}

#endif
