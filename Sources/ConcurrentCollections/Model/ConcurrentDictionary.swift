// SPDX-License-Identifier: Apache-2.0
//
// What the remedies offer whose callers need not be asynchronous. Only requirements stand here; no code of its own runs.

/// A dictionary that several threads may use at once, without `await`.
///
/// ``LockedDictionary``, ``ReadWriteDictionary``, ``ShardedDictionary`` and ``ReadMostlyDictionary`` conform: one replaces
/// another by a change of the type's name. They are reference types: a copyable structure around a lock, kept in
/// a `var`, would be a race of its own.
///
/// Each conforms to ``AsyncConcurrentDictionary`` as well. This protocol does not refine that one, because a plain
/// property cannot take the place of an asynchronous one in a refinement.
///
/// Re-entrancy: a closure given to an operation must not use the same dictionary. Debug builds stop the process with a
/// message that names both operations; release builds may wait for ever. The keys' `hash(into:)` and `==`
/// run inside operations and are bound by the same rule. Values are destroyed outside them, so a `deinit` may use the
/// dictionary.
public protocol ConcurrentDictionary<Key, Value>: AnyObject, Sendable {
  associatedtype Key: Hashable & Sendable
  associatedtype Value: Sendable

  /// Returns the value stored for a key.
  func value(forKey key: Key) -> Value?

  /// The value stored for a key.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations. ``withValue(forKey:default:_:)`` is one.
  subscript(key: Key) -> Value? { get }

  /// Stores a value for a key.
  ///
  /// - Returns: The value it took the place of.
  @discardableResult
  func updateValue(_ value: Value, forKey key: Key) -> Value?

  /// Removes a key and its value.
  ///
  /// - Returns: The removed value.
  @discardableResult
  func removeValue(forKey key: Key) -> Value?

  /// Stores a value unless the key has one.
  ///
  /// - Returns: Whether the value was stored, and the value the key has now.
  @discardableResult
  func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value)

  /// Reads, changes and writes back the value of one key, as one atomic step.
  ///
  /// The closure runs exactly once. The effect is that of `body(&dictionary[key, default: defaultValue()])`: what the
  /// closure has left in the value is stored, when it throws as well.
  func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// When the closure throws, nothing is removed.
  ///
  /// - Returns: The number of elements removed.
  @discardableResult
  func removeAll<Failure: Error>(
    where shouldBeRemoved: ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> Int

  /// The number of elements.
  var count: Int { get }

  /// Returns a plain dictionary with the elements of one moment.
  func snapshot() -> [Key: Value]
}

extension ConcurrentDictionary {
  /// Whether the dictionary has no elements.
  @inlinable
  public var isEmpty: Bool { count == 0 }
}
