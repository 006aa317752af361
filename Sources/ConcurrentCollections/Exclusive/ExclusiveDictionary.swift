// SPDX-License-Identifier: Apache-2.0
//
// A dictionary under one mutex whose values need not be `Sendable`. Callers' closures run with the
// mutex held, and so do the ends of single values.

/// A dictionary behind one mutex whose values need not be `Sendable`: objects of classes that know
/// nothing of threads.
///
/// It is a plain `Dictionary` under a lock, as ``LockedDictionary`` is, and costs the same. Values
/// are used where they are, inside a closure that has them to itself; none is handed out, and one
/// that comes in is given away by the caller (`sending`). In Swift 6 mode the compiler checks that,
/// and more strictly than with `Synchronization.Mutex`. There a closure given to `withLock` may
/// return an element, or pass one to a closure that is its caller's parameter, and two threads have
/// it then (Swift 6.3). Closures given to a member here are `@Sendable`, and their results are
/// `Sendable`: they can do neither.
///
/// What it does not refuse: an error type that holds a value, for which it gives a warning where
/// the type is declared, and what is marked as unchecked (`@unchecked Sendable`,
/// `nonisolated(unsafe)`). In Swift 5 mode it checks next to nothing.
///
/// ```swift
/// let connections = ExclusiveDictionary<String, Connection>()
/// connections.updateValue(Connection(host), forKey: host)
/// let sent = connections.withValue(forKey: host) { connection in
///   connection?.send(request)
///   return connection?.bytesSent
/// }
/// ```
///
/// - Values may refer to each other. So a single value that is removed or replaced ends under the
///   lock, beside no use of the others: its `deinit` must not use the dictionary. What leaves as a
///   whole (``takeAll()``, ``removeAll()``) ends outside.
/// - It does not conform to ``ConcurrentDictionary``, whose members hand out copies.
///
/// - Blocking: As ``LockedDictionary``.
public final class ExclusiveDictionary<Key: Hashable & Sendable, Value>: Sendable {
  @usableFromInline let elements: LockedArray<[Key: Value]>

  /// Creates a dictionary with the given elements.
  ///
  /// - Parameter elements: The elements, which the caller gives away.
  /// - Complexity: O(1).
  @inlinable
  public init(_ elements: sending [Key: Value] = [:]) {
    self.elements = LockedArray(count: 1) { _ in elements }
  }

  /// Creates an empty dictionary that has room for a number of elements.
  ///
  /// - Precondition: The number is not negative.
  @inlinable
  public init(minimumCapacity: Int) {
    require(minimumCapacity >= 0, "ExclusiveDictionary(minimumCapacity:) must not be negative")
    elements = LockedArray(count: 1) { _ in [Key: Value](minimumCapacity: minimumCapacity) }
  }

  @inlinable @inline(__always)  // So that the closure costs nothing.
  func withElements<Result, Failure: Error>(
    _ operation: StaticString, _ body: (inout sending [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    Reentrancy.enter(self, type: "ExclusiveDictionary", operation: operation)
    defer { Reentrancy.leave(self) }
    return try elements.withLock(0, body)
  }

  /// Runs a closure that has the whole plain dictionary to itself: several keys in one atomic step.
  ///
  /// What it leaves in the dictionary must be the dictionary's alone.
  ///
  /// - Parameter body: What to do; it must not use the dictionary. It is `@Sendable`, so that it
  ///   cannot put an element elsewhere, nor leave it to a closure or an object that may.
  /// - Returns: What the closure returns. It is `Sendable`, as another value may refer to one that
  ///   left.
  /// - Throws: What the closure throws; its changes stay.
  /// - Complexity: That of the closure.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withExclusive<Result: Sendable, Failure: Error>(
    _ body: @Sendable (inout sending [Key: Value]) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements("withExclusive(_:)", body)
  }

  /// Reads, changes and writes back the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - defaultValue: What the key gets if it has no value.
  ///   - body: What to do with the value; it must not use the dictionary. It is `@Sendable`, so
  ///     that it cannot put the value elsewhere.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws; what it has left in the value is stored all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withValue<Result: Sendable, Failure: Error>(
    forKey key: Key, default defaultValue: @autoclosure @Sendable () -> sending Value,
    _ body: @Sendable (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements("withValue(forKey:default:_:)") { (elements) throws(Failure) -> Result in
      try body(&elements[key, default: defaultValue()])
    }
  }

  /// Reads, changes, inserts or removes the value of one key, as one atomic step. The closure runs
  /// exactly once.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - body: What to do with the value, or with nil if there is none; nil left there removes it.
  ///     It must not use the dictionary. It is `@Sendable`, so that it cannot put the value
  ///     elsewhere.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws; what it has left holds all the same.
  /// - Complexity: O(1) amortised and the closure.
  /// - Blocking: Waits for the operation in progress. Every other operation waits for the closure.
  @inlinable
  public func withValue<Result: Sendable, Failure: Error>(
    forKey key: Key, _ body: @Sendable (inout Value?) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var stored: Key?
    defer { withExtendedLifetime(stored) {} }
    return try withElements("withValue(forKey:_:)") { (elements) throws(Failure) -> Result in
      try elements.changeValue(forKey: key, keeping: &stored, body)
    }
  }
}
