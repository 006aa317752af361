// SPDX-License-Identifier: Apache-2.0
//
// One lock for each key, for threads. Callers' closures run with a key held and no mutex of ours.

/// A lock for each key, without a lock object for each key.
///
/// Only keys that are held at the moment have an entry, and only those that somebody waits for have
/// a lock. It comes from a pool, which is filled when needed, split into stripes by the keys'
/// hashes, and bounded; the last who leaves a key gives its lock back. Memory follows the number of
/// keys held at one time, not of keys ever used.
///
/// Threads (``withLock(_:_:)``) and tasks (``withAsyncLock(_:deadline:isolation:_:)``) share the
/// keys and one queue for each, first come, first served. Those who only look
/// (``withSharedLock(_:_:)``, ``withAsyncSharedLock(_:deadline:isolation:_:)``) are beside each
/// other, and never beside one who holds the key alone; nobody overtakes a waiter, so neither side
/// starves the other.
///
/// **Two keys.** ``withLocks(_:_:_:)`` and ``withAsyncLocks(_:_:deadline:isolation:_:)`` take both,
/// always in the same order, whichever is named first: the key with the lower hash value before the
/// other. Two different keys with one hash value are taken by only one caller at a time, who holds
/// a lock of its own for that ("equal hashes", B. Goetz et al., "Java Concurrency in Practice",
/// 10.1.2), taken before either. Every caller climbs in one order, so no circle of waiters can
/// form.
///
/// **Re-entrancy.** A closure that holds a key must not take another one of the same object: the
/// order would be the accident of the moment. Debug builds stop the process with a message that
/// says so, for the same key and for others, when the thread or the task of the closure asks, or a
/// synchronous function that the task calls; in release builds the same key waits for itself for
/// ever, and two nested keys may. They do not see what other tasks do: a closure that waits for a
/// task, a child task too, that takes the same key waits for ever in every build. A key's
/// `hash(into:)` and `==` run under a mutex and must not use the object; its `deinit` runs outside
/// and may.
///
/// **Keys that do not equal themselves**, such as `Double.nan`, differ from every key, as in a
/// `Dictionary`: nobody ever waits for one.
///
/// - Blocking: A thread waits parked; a task waits suspended.
public final class KeyLocks<Key: Hashable & Sendable>: Sendable {
  @usableFromInline typealias Target = KeyLockStripe<Key>.Target

  @usableFromInline let hasher = KeyHasher<Key>()
  @usableFromInline let stripes: LockedArray<KeyLockStripe<Key>>

  /// Creates the locks.
  ///
  /// - Parameters:
  ///   - stripes: Into how many parts the keys are split, rounded up to a power of two, 1024 at
  ///     most; eight for each core, 16 at least, when left out.
  ///   - pooledLocks: How many locks are kept for later, in all parts together; rounded up to one
  ///     for each.
  /// - Precondition: `stripes` is at least 1, `pooledLocks` at least 0.
  public init(stripes: Int? = nil, pooledLocks: Int = 256) {
    require(stripes.map { $0 >= 1 } ?? true, "KeyLocks(stripes:) must be at least 1")
    require(pooledLocks >= 0, "KeyLocks(pooledLocks:) must not be negative")
    let count = Machine.powerOfTwo(atLeast: min(max(stripes ?? max(16, 8 * Machine.cores), 1), 1024))
    let each = max(1, (pooledLocks - 1) / count + 1)
    self.stripes = LockedArray(count: count) { _ in KeyLockStripe(poolLimit: each) }
  }

  /// The number of keys held at the moment.
  ///
  /// - Complexity: O(the number of stripes).
  public var heldKeys: Int { sum { $0.heldCount } }

  /// The number of locks in the pool at the moment, never more than `pooledLocks` rounded up to the
  /// stripes.
  ///
  /// - Complexity: O(the number of stripes).
  public var pooledLocks: Int { sum { $0.pooledCount } }

  private func sum(_ number: (borrowing KeyLockStripe<Key>) -> Int) -> Int {
    var sum = 0
    for index in 0..<stripes.count {
      sum += stripes.withLock(index) { stripe in number(stripe) }
    }
    return sum
  }

  @inlinable
  func stripe(_ hash: UInt) -> Int {
    Int(truncatingIfNeeded: hash >> 48) & (stripes.count &- 1)
  }

  /// Runs a closure while the calling thread holds a key.
  ///
  /// - Throws: What the closure throws.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: Parks the thread until the callers that came before for this key have left.
  @inlinable
  @available(*, noasync, message: "it parks a thread of the tasks' pool; use withAsyncLock")
  public func withLock<Result, Failure: Error>(
    _ key: Key, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    ReentrancyOfTasks.checkThread(self, "withLock(_:_:)")
    Reentrancy.enter(self, type: "KeyLocks", operation: "withLock(_:_:)")
    defer { Reentrancy.leave(self) }
    let hash = hasher.hash(key)
    if !tryAcquire(key, hash) { acquire(.key(key), hash, .exclusive) }
    defer { release(key, hash) }
    return try body()
  }

  /// Runs a closure while the calling thread holds a key, or returns nil at once if somebody else
  /// does.
  ///
  /// - Throws: What the closure throws.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: None.
  @inlinable
  public func withLockIfAvailable<Result, Failure: Error>(
    _ key: Key, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let hash = hasher.hash(key)
    guard tryAcquire(key, hash) else { return nil }
    defer { release(key, hash) }
    Reentrancy.enterWithoutWaiting(self, type: "KeyLocks", operation: "withLockIfAvailable(_:_:)")
    defer { Reentrancy.leave(self) }
    return try body()
  }

  /// Runs a closure while the calling thread holds two keys, taken in the order that cannot
  /// deadlock.
  ///
  /// Equal keys are taken once.
  ///
  /// - Throws: What the closure throws.
  /// - Complexity: O(1) and the closure.
  /// - Blocking: Parks the thread until the callers that came before for either key have left.
  @inlinable
  @available(*, noasync, message: "it parks a thread of the tasks' pool; use withAsyncLocks")
  public func withLocks<Result, Failure: Error>(
    _ first: Key, _ second: Key, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    ReentrancyOfTasks.checkThread(self, "withLocks(_:_:_:)")
    Reentrancy.enter(self, type: "KeyLocks", operation: "withLocks(_:_:_:)")
    defer { Reentrancy.leave(self) }
    let plan = acquisitionPlan(first, second)
    if plan.hasEqualHashes { acquire(.equalHashes, 0, .exclusive) }
    for (key, hash) in plan.keys { acquire(.key(key), hash, .exclusive) }
    if plan.hasEqualHashes { release(.equalHashes, 0) }
    defer { for (key, hash) in plan.keys.reversed() { release(.key(key), hash) } }
    return try body()
  }

  /// The keys in the order in which they are taken, and whether their hashes are equal.
  @inlinable
  func acquisitionPlan(_ first: Key, _ second: Key) -> (keys: [(Key, UInt)], hasEqualHashes: Bool) {
    let (one, other) = (hasher.hash(first), hasher.hash(second))
    if first == second { return ([(first, one)], false) }
    if one == other { return ([(first, one), (second, other)], true) }
    return (one < other ? [(first, one), (second, other)] : [(second, other), (first, one)], false)
  }

  @inlinable
  func tryAcquire(_ key: Key, _ hash: UInt) -> Bool {
    stripes.withLock(stripe(hash)) { $0.tryAcquire(key, hash) }
  }

  @inlinable
  func release(_ key: Key, _ hash: UInt) {
    let released = stripes.withLock(stripe(hash)) { $0.release(key, hash) }
    released.admitted?.grantAll()
  }

  func tryAcquire(_ target: Target, _ hash: UInt, _ access: KeyAccess) -> Bool {
    stripes.withLock(stripe(hash)) { $0.tryAcquire(target, hash, access) }
  }

  @usableFromInline
  func acquire(_ target: Target, _ hash: UInt, _ access: KeyAccess) {
    // A key that is held for a moment only is worth some looks. Nobody who is in the queue is
    // passed over: then it is never free.
    for look in 0..<6 {
      if tryAcquire(target, hash, access) { return }
      Lock.rest(64 << look)
    }
    let thread = WaitingThread()
    let waiter = Waiter(thread, tag: access.rawValue)
    let mustWait = stripes.withLock(stripe(hash)) { stripe in
      if stripe.tryAcquire(target, hash, access) { return false }
      stripe.wait(for: target, hash, waiter)
      return true
    }
    if mustWait { thread.wait() }
  }

  @usableFromInline
  func release(_ target: Target, _ hash: UInt) {
    let released = stripes.withLock(stripe(hash)) { $0.release(target, hash) }
    released.admitted?.grantAll()
  }
}
