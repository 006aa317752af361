// SPDX-License-Identifier: Apache-2.0
//
// More operations on values that need not be `Sendable`. No caller's closure runs here; single
// values end under the mutex, keys and what leaves as a whole after it is released.

extension ExclusiveDictionary {
  /// Stores a value, which the caller gives away, for a key. One that it takes the place of ends
  /// under the lock.
  ///
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public func updateValue(_ value: sending Value, forKey key: Key) {
    let handedOver = HandedOver(value)
    withElements("updateValue(_:forKey:)") { $0[key] = handedOver.value }
  }

  /// Removes a key. Its value ends under the lock, the key outside.
  ///
  /// - Returns: Whether there was one.
  /// - Complexity: O(1) amortised.
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  @discardableResult
  public func removeValue(forKey key: Key) -> Bool {
    let stored: Key? = withElements("removeValue(forKey:)") { $0.takeOut(key)?.key }
    return withExtendedLifetime(stored) { stored != nil }
  }

  /// Removes every element, as one atomic step, and hands them out.
  ///
  /// - Returns: The elements, which are the caller's alone.
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public func takeAll() -> sending [Key: Value] {
    withElements("takeAll()") { elements in
      let taken = elements
      elements = [:]
      return HandedOver(taken)
    }.value
  }

  /// Removes every element, as one atomic step, and gives their memory back.
  ///
  /// - Returns: The number of elements removed.
  /// - Complexity: O(n), of which O(1) while others wait.
  /// - Blocking: Waits for the operation in progress. Keys and values are destroyed outside.
  @inlinable
  @discardableResult
  public func removeAll() -> Int { takeAll().count }

  /// Makes room for a number of elements, in all.
  ///
  /// - Parameter minimumCapacity: The number of elements.
  /// - Precondition: It is not negative.
  /// - Complexity: O(n + capacity).
  /// - Blocking: Waits for the operation in progress. Every other operation waits for this one.
  @inlinable
  public func reserveCapacity(_ minimumCapacity: Int) {
    require(minimumCapacity >= 0, "reserveCapacity(_:) of a negative number")
    withElements("reserveCapacity(_:)") { $0.reserveCapacity(minimumCapacity) }
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public var count: Int { withElements("count") { $0.count } }

  /// Whether the dictionary has no elements.
  ///
  /// - Complexity: O(1).
  /// - Blocking: Waits for the operation in progress.
  @inlinable
  public var isEmpty: Bool { count == 0 }
}

/// Carries a value that was handed over (`sending`) into a closure or out of it: the compiler takes
/// what a closure captures for the caller's, so it cannot see that nobody else has the value.
@usableFromInline
struct HandedOver<Value>: @unchecked Sendable {
  @usableFromInline let value: Value

  @inlinable @inline(__always)  // No code.
  init(_ value: sending Value) { self.value = value }
}
