// SPDX-License-Identifier: Apache-2.0
//
// The operations that every model has by what it must have. Values are destroyed outside the
// models' locks.

extension ConcurrentDictionary {
  /// Whether the dictionary has no elements.
  ///
  /// - Complexity: As ``ConcurrentDictionary/count``.
  /// - Blocking: As ``ConcurrentDictionary/count``.
  @inlinable
  public var isEmpty: Bool { count == 0 }

  /// The number of elements: the same as ``ConcurrentDictionary/count`` where that takes one lock
  /// only.
  ///
  /// - Complexity: As ``ConcurrentDictionary/count``.
  /// - Blocking: As ``ConcurrentDictionary/count``.
  @inlinable
  public var approximateCount: Int { count }

  /// Stores a value if the key has one already, as one atomic step.
  ///
  /// - Parameters:
  ///   - value: The value.
  ///   - key: The key.
  /// - Returns: The value it took the place of; nil if there was none, and nothing was stored.
  /// - Complexity: O(1) amortised.
  /// - Blocking: As ``ConcurrentDictionary/updateValue(_:forKey:)``.
  @inlinable
  @discardableResult
  public func updateValueIfPresent(_ value: Value, forKey key: Key) -> Value? {
    withValue(forKey: key) { present in
      guard let old = present else { return nil }
      present = value
      return old
    }
  }

  /// Removes every element, as one atomic step, and gives their memory back.
  ///
  /// - Returns: The number of elements removed.
  /// - Complexity: O(n).
  /// - Blocking: As ``ConcurrentDictionary/removeAll(where:)``. Keys and values are destroyed
  ///   outside.
  @inlinable
  @discardableResult
  public func removeAll() -> Int { removeAll { _ in true } }
}

extension ConcurrentDictionary where Value: Equatable {
  /// Stores a value if the key has the expected one, as one atomic step.
  ///
  /// - Parameters:
  ///   - expected: The value the key must have. Its `==` runs once at most, inside the operation,
  ///     and must not use the dictionary.
  ///   - value: The value to store.
  ///   - key: The key.
  /// - Returns: Whether the value was stored.
  /// - Complexity: O(1) amortised and one comparison.
  /// - Blocking: As ``ConcurrentDictionary/updateValue(_:forKey:)``.
  @inlinable
  @discardableResult
  public func replaceValue(_ expected: Value, with value: Value, forKey key: Key) -> Bool {
    // The old value leaves the operation with the result and is destroyed outside.
    let old: Value? = withValue(forKey: key) { present in
      guard let old = present, old == expected else { return nil }
      present = value
      return old
    }
    return old != nil
  }

  /// Removes a key if it has the expected value, as one atomic step.
  ///
  /// - Parameters:
  ///   - expected: The value the key must have. Its `==` runs once at most, inside the operation,
  ///     and must not use the dictionary.
  ///   - key: The key.
  /// - Returns: Whether the key was removed.
  /// - Complexity: O(1) amortised and one comparison.
  /// - Blocking: As ``ConcurrentDictionary/removeValue(forKey:)``.
  @inlinable
  @discardableResult
  public func removeValue(_ expected: Value, forKey key: Key) -> Bool {
    let old: Value? = withValue(forKey: key) { present in
      guard let old = present, old == expected else { return nil }
      present = nil
      return old
    }
    return old != nil
  }
}
