// SPDX-License-Identifier: Apache-2.0
//
// Members that the standard library overloads by what the elements are: declared on the protocol,
// as there on `Sequence`, because the constraints of two protocol extensions rank before defaulted
// parameters, and those of two extensions of one type do not.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedCollection {
  /// The elements from the last to the first.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func reversed() -> [Element] {
    readPlain(.reversed) { $0.reversed() }
  }
}

extension AuditedCollection where Element: Sequence {
  /// The elements of the elements, one after the other: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public func joined() -> FlattenSequence<Plain> {
    readPlain(.joined) { $0.joined() }
  }

  /// The elements of the elements with `separator` between them: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public func joined<Separator: Sequence>(
    separator: Separator
  ) -> JoinedSequence<Plain> where Separator.Element == Element.Element {
    readPlain(.joinedSeparator) { $0.joined(separator: separator) }
  }
}

extension AuditedCollection where Element: StringProtocol {
  /// The elements as one string with `separator` between them.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func joined(separator: String = "") -> String {
    readPlain(.joinedSeparator) { $0.joined(separator: separator) }
  }
}

#endif
