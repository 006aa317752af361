// SPDX-License-Identifier: Apache-2.0
//
// A dictionary owned by an actor. Nothing here locks; the actor's queue is the only waiting.

/// A dictionary that an actor owns: callers that are asynchronous anyway.
///
/// Each operation is a message. Waiting suspends the task and holds no thread, so closures may be
/// long without blocking other work, only other operations of this dictionary. A closure cannot
/// call back: it is synchronous and every operation here needs `await`.
///
/// Values are `Sendable`, as members hand out copies; an actor of your own may hold others.
///
/// Keys and values are destroyed after an operation has left the actor, so a `deinit` may wait for
/// another task that uses it; but for a value that a closure itself lets go of.
///
/// - Blocking: None; an operation suspends until those before it are done.
public actor SerialDictionary<Key: Hashable & Sendable, Value: Sendable>: AsyncConcurrentDictionary {
  @usableFromInline var elements: [Key: Value]

  /// Creates a dictionary with the given elements.
  public init(_ elements: [Key: Value] = [:]) {
    self.elements = elements
  }

  /// Returns the value stored for a key.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func value(forKey key: Key) -> Value? { elements[key] }

  /// The value stored for a key; the same as ``value(forKey:)``.
  ///
  /// There is no setter: `dictionary[key] += 1` would be two operations.
  /// ``withValue(forKey:default:_:)`` is one.
  @inlinable
  public subscript(key: Key) -> Value? { value(forKey: key) }

  /// Stores a value for a key and returns the one it took the place of.
  ///
  /// - Complexity: O(1) amortised; O(n) when a snapshot is alive.
  @inlinable
  @discardableResult
  public func updateValue(_ value: Value, forKey key: Key) -> Value? { elements.exchangeValue(value, forKey: key) }

  /// Removes a key and returns its value.
  ///
  /// - Complexity: O(1) amortised; O(n) when a snapshot is alive.
  @inlinable
  @discardableResult
  public nonisolated func removeValue(forKey key: Key) async -> Value? {
    // The dictionary's own key is destroyed here, outside the actor.
    await takeOut(key)?.value
  }

  @inlinable
  func takeOut(_ key: Key) -> (key: Key, value: Value)? { elements.takeOut(key) }

  /// Stores a value unless the key has one.
  ///
  /// - Complexity: O(1) amortised; O(n) when a snapshot is alive.
  @inlinable
  @discardableResult
  public func insertIfAbsent(_ value: Value, forKey key: Key) -> (inserted: Bool, value: Value) {
    if let present = elements[key] { return (false, present) }
    elements[key] = value
    return (true, value)
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure; O(n) when a snapshot is alive.
  @inlinable
  public func withValue<Result: Sendable, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure @Sendable () -> Value,
    _ body: @Sendable (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(&elements[key, default: defaultValue()])
  }

  /// Runs a closure that has the whole plain dictionary to itself: several keys in one atomic step.
  ///
  /// - Throws: What the closure throws; its changes stay.
  /// - Complexity: That of the closure, and O(n) for its first change when a snapshot is alive.
  @inlinable
  public func withExclusive<Result: Sendable, Failure: Error>(
    _ body: @Sendable (inout [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(&elements)
  }

  /// Removes every element for which the closure returns true, as one atomic step.
  ///
  /// - Returns: The number of elements removed.
  /// - Throws: What the closure throws; nothing is removed then.
  /// - Complexity: O(n).
  @inlinable
  @discardableResult
  public nonisolated func removeAll<Failure: Error>(
    where shouldBeRemoved: @Sendable ((key: Key, value: Value)) throws(Failure) -> Bool
  ) async throws(Failure) -> Int {
    let removed = try await takeOut(where: shouldBeRemoved)
    // Destroyed here, outside the actor.
    return withExtendedLifetime(removed) { removed.count }
  }

  @inlinable
  func takeOut<Failure: Error>(
    where shouldBeRemoved: @Sendable ((key: Key, value: Value)) throws(Failure) -> Bool
  ) throws(Failure) -> Dictionary<Key, Value>.TakenOut {
    try elements.takeOut(where: shouldBeRemoved)
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var count: Int { elements.count }

  /// Returns a plain dictionary with the elements of one moment.
  ///
  /// - Complexity: O(1); the next write copies the elements, O(n), if the snapshot is still alive.
  @inlinable
  public func snapshot() -> [Key: Value] { elements }
}
