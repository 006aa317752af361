// SPDX-License-Identifier: Apache-2.0
//
// Dictionaries made from others. The caller's closures run inside the read.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedDictionary {
  /// The pairs that `isIncluded` accepts.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> AuditedDictionary {
    let window = ReadWindow(monitorAddress, .filter)
    defer {
      window.close(.filter)
      _fixLifetime(self)
    }
    return AuditedDictionary(try window.storage(as: Storage.self).pointee.filter(isIncluded))
  }

  /// The same keys with transformed values.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func mapValues<T>(_ transform: (Value) throws -> T) rethrows -> AuditedDictionary<Key, T> {
    let window = ReadWindow(monitorAddress, .mapValues)
    defer {
      window.close(.mapValues)
      _fixLifetime(self)
    }
    return AuditedDictionary<Key, T>(try window.storage(as: Storage.self).pointee.mapValues(transform))
  }

  /// The keys with the results of `transform` for their values, without those for which it
  /// returns `nil`.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func compactMapValues<T>(_ transform: (Value) throws -> T?) rethrows -> AuditedDictionary<Key, T> {
    let window = ReadWindow(monitorAddress, .compactMapValues)
    defer {
      window.close(.compactMapValues)
      _fixLifetime(self)
    }
    return AuditedDictionary<Key, T>(try window.storage(as: Storage.self).pointee.compactMapValues(transform))
  }

  /// A dictionary with the pairs of a sequence merged in.
  @inlinable
  public func merging<S: Sequence>(
    _ other: S, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows -> AuditedDictionary where S.Element == (Key, Value) {
    let window = ReadWindow(monitorAddress, .merging)
    defer {
      window.close(.merging)
      _fixLifetime(self)
    }
    return AuditedDictionary(
      try window.storage(as: Storage.self).pointee.merging(other, uniquingKeysWith: combine))
  }

  /// A dictionary with the pairs of another merged in.
  @inlinable
  public func merging(
    _ other: [Key: Value], uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows -> AuditedDictionary {
    let window = ReadWindow(monitorAddress, .merging)
    defer {
      window.close(.merging)
      _fixLifetime(self)
    }
    return AuditedDictionary(
      try window.storage(as: Storage.self).pointee.merging(other, uniquingKeysWith: combine))
  }

  /// A dictionary with the pairs of an audited one merged in.
  @inlinable
  public func merging(
    _ other: AuditedDictionary, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows -> AuditedDictionary {
    try merging(other.dictionary, uniquingKeysWith: combine)
  }
}

#endif
