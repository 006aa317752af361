// SPDX-License-Identifier: Apache-2.0
//
// What the remedies offer whose callers need not be asynchronous. Only requirements stand here; no
// code of its own runs.

/// A dictionary that several threads may use at once, without `await`.
///
/// ``LockedDictionary``, ``ReadWriteDictionary``, ``ShardedDictionary`` and
/// ``ReadMostlyDictionary`` conform: one replaces another by a change of the type's name. They are
/// reference types: a copyable structure around a lock, kept in a `var`, would be a race of its
/// own.
///
/// Values are `Sendable`, as the members hand out copies. ``ExclusiveDictionary``, which takes
/// others, does not conform: a type cannot conform only where its values are `Sendable` (Swift
/// 6.3).
///
/// Each conforms to ``AsyncConcurrentDictionary`` as well. This protocol does not refine that one,
/// because a plain property cannot take the place of an asynchronous one in a refinement.
///
/// Re-entrancy: a closure given to an operation must not use the same dictionary. Debug builds stop
/// the process with a message that names both operations; release builds may wait for ever. The
/// keys' `hash(into:)` and `==` run inside operations and are bound by the same rule. Values are
/// destroyed outside them, so a `deinit` may use the dictionary.
public protocol ConcurrentDictionary<Key, Value>: AnyObject, Sendable {
  associatedtype Key: Hashable & Sendable
  associatedtype Value: Sendable

  /// Returns the value stored for a key.
  func value(forKey key: Key) -> Value?

  /// The value stored for a key.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations.
  /// ``withValue(forKey:default:_:)`` is one.
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
  /// The closure runs exactly once. The effect is that of
  /// `body(&dictionary[key, default: defaultValue()])`: what the closure has left in the value is
  /// stored, when it throws as well.
  func withValue<Result, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure () -> Value,
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result

  /// Reads, changes, inserts or removes the value of one key, as one atomic step.
  ///
  /// The closure has the value, or nil if there is none, and leaves what the key is to have: nil
  /// removes it. It runs exactly once. What it has left holds when it throws as well.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: What to do; it must not use the dictionary.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: As ``withValue(forKey:default:_:)``.
  func withValue<Result, Failure: Error>(
    forKey key: Key, _ body: (inout Value?) throws(Failure) -> Result
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

  /// Makes room for a number of elements, in all, so that they can be added without moving those
  /// that are there.
  ///
  /// - Parameter minimumCapacity: The number of elements; not negative. No more than that is
  ///   promised.
  /// - Complexity: O(n + capacity).
  /// - Blocking: As a change of the whole dictionary.
  func reserveCapacity(_ minimumCapacity: Int)

  /// The number of elements.
  var count: Int { get }

  /// The number of elements, counted while others change it: a number near the one at any moment of
  /// the call.
  ///
  /// It is exact while nobody changes the dictionary.
  ///
  /// - Complexity: As ``count``.
  /// - Blocking: Never takes more than one lock at a time.
  var approximateCount: Int { get }

  /// Calls a closure with all elements, some of them at a time, without copying the whole and
  /// without keeping others out meanwhile.
  ///
  /// An element that is there throughout the call is passed exactly once, with a value it had
  /// during the call; one that is added or removed meanwhile, or whose key does not equal itself
  /// (`Double.nan`), is passed once or not at all. The closure runs outside every lock and may use
  /// the dictionary.
  ///
  /// - Parameter body: What to do with some elements, which are never none; it runs any number of
  ///   times.
  /// - Throws: What the closure throws, at once.
  /// - Complexity: O(n). The concrete type says how much is copied at one time.
  /// - Blocking: As a read of the elements of one chunk.
  func forEachChunk<Failure: Error>(
    _ body: ([(key: Key, value: Value)]) throws(Failure) -> Void
  ) throws(Failure)

  /// Returns a plain dictionary with the elements of one moment.
  func snapshot() -> [Key: Value]
}
