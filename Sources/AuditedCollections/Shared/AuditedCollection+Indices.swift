// SPDX-License-Identifier: Apache-2.0
//
// Moves by index in sets and dictionaries, each step one access. Members that `Collection` requires
// are in the types' own files. The array has these members of its own.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedCollection {
  /// Moves `i` by `distance` elements.
  ///
  /// - Complexity: O(distance).
  @inlinable @inline(always)
  public func formIndex(_ i: inout Index, offsetBy distance: Int) {
    readPlain(.formIndexOffsetBy) { $0.formIndex(&i, offsetBy: distance) }
  }

  /// Moves `i` by `distance` elements, or to `limit`; whether the limit was not passed.
  ///
  /// - Complexity: O(distance).
  @inlinable @inline(always)
  public func formIndex(_ i: inout Index, offsetBy distance: Int, limitedBy limit: Index) -> Bool {
    readPlain(.formIndexOffsetByLimitedBy) { $0.formIndex(&i, offsetBy: distance, limitedBy: limit) }
  }

  /// The first index whose element `predicate` accepts.
  ///
  /// - Throws: what `predicate` throws.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func firstIndex(where predicate: (Element) throws -> Bool) rethrows -> Index? {
    try readPlain(.firstIndexWhere) { plain throws in try plain.firstIndex(where: predicate) }
  }

  /// The indices whose elements `predicate` accepts.
  ///
  /// - Throws: what `predicate` throws.
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func indices(where predicate: (Element) throws -> Bool) rethrows -> RangeSet<Index> {
    try readPlain(.indicesWhere) { plain throws in try plain.indices(where: predicate) }
  }
}

#endif
