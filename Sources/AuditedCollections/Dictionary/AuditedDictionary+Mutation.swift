// SPDX-License-Identifier: Apache-2.0
//
// The mutating members. Each is one window that lasts to the end of the mutation, the caller's
// closure included.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedDictionary {
  /// Stores `value` for `key`; returns the value it replaces.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @inline(always) @discardableResult
  public mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
    let window = WriteWindow(&monitor, .updateValue)
    defer { window.close(key: key) }
    return window.storage(as: Storage.self).pointee.updateValue(value, forKey: key)
  }

  /// Removes `key` and its value; returns the value.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @inline(always) @discardableResult
  public mutating func removeValue(forKey key: Key) -> Value? {
    let window = WriteWindow(&monitor, .removeValue)
    defer { window.close(key: key) }
    return window.storage(as: Storage.self).pointee.removeValue(forKey: key)
  }

  /// Removes the pair at `index`, which must be valid; returns it.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @discardableResult
  public mutating func remove(at index: Index) -> Element {
    let window = WriteWindow(&monitor, .removeAtIndex)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.remove(at: index)
  }

  /// Removes all pairs.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeAll(keepingCapacity keepCapacity: Bool = false) {
    let window = WriteWindow(&monitor, .removeAll)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeAll(keepingCapacity: keepCapacity)
  }

  /// Removes and returns the first pair; `nil` when there is none.
  ///
  /// - Complexity: O(1) amortised over all pairs.
  @inlinable
  public mutating func popFirst() -> Element? {
    let window = WriteWindow(&monitor, .popFirst)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.popFirst()
  }

  /// Makes room for `minimumCapacity` pairs.
  ///
  /// - Complexity: O(n) when the elements move.
  @inlinable
  public mutating func reserveCapacity(_ minimumCapacity: Int) {
    let window = WriteWindow(&monitor, .reserveCapacity)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.reserveCapacity(minimumCapacity)
  }

  /// Merges the pairs of a sequence; `combine` gives the value of a key that is in both, and runs
  /// inside the access.
  ///
  /// - Complexity: O(m) on average, with m pairs in `other`.
  /// - Throws: the error of `combine`; pairs merged before it stay.
  @inlinable
  public mutating func merge<S: Sequence>(
    _ other: S, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows where S.Element == (Key, Value) {
    let window = WriteWindow(&monitor, .merge)
    defer { window.close() }
    try window.storage(as: Storage.self).pointee.merge(other, uniquingKeysWith: combine)
  }

  /// Merges a dictionary; `combine` gives the value of a key that is in both, and runs inside the
  /// access.
  @inlinable
  public mutating func merge(
    _ other: [Key: Value], uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows {
    let window = WriteWindow(&monitor, .merge)
    defer { window.close() }
    try window.storage(as: Storage.self).pointee.merge(other, uniquingKeysWith: combine)
  }

  /// Merges an audited dictionary, read before this one is written; `combine` runs inside the
  /// access.
  @inlinable
  public mutating func merge(
    _ other: AuditedDictionary, uniquingKeysWith combine: (Value, Value) throws -> Value
  ) rethrows {
    let plain = other.dictionary
    let window = WriteWindow(&monitor, .merge)
    defer { window.close() }
    try window.storage(as: Storage.self).pointee.merge(plain, uniquingKeysWith: combine)
  }

  /// The values, in the order of the keys; mutating them in place changes the dictionary.
  ///
  /// Reading returns a snapshot: using it while another thread mutates the dictionary is lawful.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var values: Values {
    get {
      let window = ReadWindow(monitorAddress, .valuesGet)
      let values = window.storage(as: Storage.self).pointee.values
      window.close(.valuesGet)
      _fixLifetime(self)
      return values
    }
    _modify {
      let window = WriteWindow(moving: &monitor, .valuesModify)
      defer { window.close() }
      yield &window.storage(as: Storage.self).pointee.values
    }
  }
}

#endif
