// SPDX-License-Identifier: Apache-2.0
//
// What every remedy offers, actor or not. Only requirements stand here; no code runs.

/// A dictionary that several tasks or threads may use at once: what every model in this module
/// offers.
///
/// The requirements are `async` because one of the models is an actor. The other models fulfil them
/// with plain functions (see ``ConcurrentDictionary``), so code written against a concrete type of
/// theirs needs no `await`. Code that says `await` already, or is generic over this protocol,
/// changes its model by changing one type name.
///
/// Every operation on one key is atomic. ``count``, ``snapshot()`` and ``removeAll(where:)`` see
/// one state of the whole dictionary, never half of an update.
///
/// Re-entrancy: a closure given to an operation must not use the same dictionary. Debug builds stop
/// the process with a message that names both operations; release builds may wait for ever.
public protocol AsyncConcurrentDictionary<Key, Value>: AnyObject, Sendable {
  associatedtype Key: Hashable & Sendable
  associatedtype Value: Sendable

  /// Returns the value stored for a key.
  func value(forKey key: Key) async -> Value?

  /// The value stored for a key.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations.
  /// ``withValue(forKey:default:_:)`` is one.
  subscript(key: Key) -> Value? { get async }

  /// Stores a value for a key.
  ///
  /// - Returns: The value it took the place of.
  @discardableResult
  func updateValue(_ value: Value, forKey key: Key) async -> Value?

  /// Removes a key and its value.
  ///
  /// - Returns: The removed value.
  @discardableResult
  func removeValue(forKey key: Key) async -> Value?

  /// Stores a value unless the key has one.
  ///
  /// - Returns: Whether the value was stored, and the value the key has now.
  @discardableResult
  func insertIfAbsent(_ value: Value, forKey key: Key) async -> (inserted: Bool, value: Value)

  /// Reads, changes and writes back the value of one key, as one atomic step.
  ///
  /// The closure runs exactly once. The effect is that of
  /// `body(&dictionary[key, default: defaultValue()])`: what the closure has left in the value is
  /// stored, when it throws as well.
  func withValue<Result: Sendable, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure @Sendable () -> Value,
    _ body: @Sendable (inout Value) throws(Failure) -> Result
  ) async throws(Failure) -> Result

  /// Reads, changes, inserts or removes the value of one key, as one atomic step.
  ///
  /// The closure has the value, or nil if there is none, and leaves what the key is to have: nil
  /// removes it. It runs exactly once. What it has left holds when it throws as well.
  func withValue<Result: Sendable, Failure: Error>(
    forKey key: Key, _ body: @Sendable (inout Value?) throws(Failure) -> Result
  ) async throws(Failure) -> Result

  /// Stores a value if the key has one already.
  ///
  /// - Returns: The value it took the place of; nil if there was none, and nothing was stored.
  @discardableResult
  func updateValueIfPresent(_ value: Value, forKey key: Key) async -> Value?

  /// Removes every element, as one atomic step, and gives their memory back.
  ///
  /// - Returns: The number of elements removed.
  @discardableResult
  func removeAll() async -> Int

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// When the closure throws, nothing is removed.
  ///
  /// - Returns: The number of elements removed.
  @discardableResult
  func removeAll<Failure: Error>(
    where shouldBeRemoved: @Sendable ((key: Key, value: Value)) throws(Failure) -> Bool
  ) async throws(Failure) -> Int

  /// Makes room for a number of elements, in all, so that they can be added without moving those
  /// that are there.
  func reserveCapacity(_ minimumCapacity: Int) async

  /// The number of elements.
  var count: Int { get async }

  /// The number of elements, counted while others change it: a number near the one at any moment of
  /// the call.
  var approximateCount: Int { get async }

  /// Calls a closure with all elements, some of them at a time, without copying the whole and
  /// without keeping others out meanwhile.
  ///
  /// An element that is there throughout the call is passed exactly once, with a value it had
  /// during the call; one that is added or removed meanwhile, or whose key does not equal itself
  /// (`Double.nan`), is passed once or not at all.
  func forEachChunk<Failure: Error>(
    _ body: @Sendable ([(key: Key, value: Value)]) throws(Failure) -> Void
  ) async throws(Failure)

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// Iterate over it: it cannot change under the loop.
  func snapshot() async -> [Key: Value]
}
