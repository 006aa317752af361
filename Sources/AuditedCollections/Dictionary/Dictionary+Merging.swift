// SPDX-License-Identifier: Apache-2.0
//
// A plain dictionary takes the pairs of an audited one, as it does those of another plain one. The
// audited dictionary is read before the plain one is written.

#if AUDITED && canImport(Glibc)

extension Dictionary {
  /// Takes over the pairs of an audited dictionary; `combine` decides between two values of one
  /// key.
  ///
  /// - Throws: what `combine` throws.
  /// - Complexity: O(m) on average, with m pairs in `other`.
  @inlinable
  public mutating func merge(
    _ other: AuditedDictionary<Key, Value>, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows {
    try merge(other.dictionary, uniquingKeysWith: combine)
  }

  /// The pairs of this dictionary and an audited one; `combine` decides between two values of one
  /// key.
  ///
  /// - Throws: what `combine` throws.
  /// - Complexity: O(n + m), with m pairs in `other`.
  @inlinable
  public func merging(
    _ other: AuditedDictionary<Key, Value>, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows -> [Key: Value] {
    try merging(other.dictionary, uniquingKeysWith: combine)
  }
}

#endif
