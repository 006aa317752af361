// SPDX-License-Identifier: Apache-2.0
//
// Comparing a set with others. Each reads this set once; another audited set is read before it.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet {
  /// Whether every member is in a sequence.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isSubset<S: Sequence>(of other: S) -> Bool where S.Element == Element {
    read(.isSubset) { $0.isSubset(of: other) }
  }

  /// Whether every member is in a set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isSubset(of other: Set<Element>) -> Bool {
    read(.isSubset) { $0.isSubset(of: other) }
  }

  /// Whether every member is in an audited set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isSubset(of other: AuditedSet) -> Bool {
    let plain = other.set
    return read(.isSubset) { $0.isSubset(of: plain) }
  }

  /// Whether every member is in a sequence that has other elements too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isStrictSubset<S: Sequence>(of other: S) -> Bool where S.Element == Element {
    read(.isStrictSubset) { $0.isStrictSubset(of: other) }
  }

  /// Whether every member is in a set that has other elements too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isStrictSubset(of other: Set<Element>) -> Bool {
    read(.isStrictSubset) { $0.isStrictSubset(of: other) }
  }

  /// Whether every member is in an audited set that has other elements too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isStrictSubset(of other: AuditedSet) -> Bool {
    let plain = other.set
    return read(.isStrictSubset) { $0.isStrictSubset(of: plain) }
  }

  /// Whether every element of a sequence is in this set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isSuperset<S: Sequence>(of other: S) -> Bool where S.Element == Element {
    read(.isSuperset) { $0.isSuperset(of: other) }
  }

  /// Whether every element of a set is in this set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isSuperset(of other: Set<Element>) -> Bool {
    read(.isSuperset) { $0.isSuperset(of: other) }
  }

  /// Whether every element of an audited set is in this set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isSuperset(of other: AuditedSet) -> Bool {
    let plain = other.set
    return read(.isSuperset) { $0.isSuperset(of: plain) }
  }

  /// Whether every element of a sequence is in this set, which has other members too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isStrictSuperset<S: Sequence>(of other: S) -> Bool where S.Element == Element {
    read(.isStrictSuperset) { $0.isStrictSuperset(of: other) }
  }

  /// Whether every element of a set is in this set, which has other members too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isStrictSuperset(of other: Set<Element>) -> Bool {
    read(.isStrictSuperset) { $0.isStrictSuperset(of: other) }
  }

  /// Whether every element of an audited set is in this set, which has other members too.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isStrictSuperset(of other: AuditedSet) -> Bool {
    let plain = other.set
    return read(.isStrictSuperset) { $0.isStrictSuperset(of: plain) }
  }

  /// Whether no element of a sequence is in this set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isDisjoint<S: Sequence>(with other: S) -> Bool where S.Element == Element {
    read(.isDisjoint) { $0.isDisjoint(with: other) }
  }

  /// Whether no element of a set is in this set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isDisjoint(with other: Set<Element>) -> Bool {
    read(.isDisjoint) { $0.isDisjoint(with: other) }
  }

  /// Whether no element of an audited set is in this set.
  ///
  /// - Complexity: O(n + m) on average.
  @inlinable
  public func isDisjoint(with other: AuditedSet) -> Bool {
    let plain = other.set
    return read(.isDisjoint) { $0.isDisjoint(with: plain) }
  }
}

#endif
