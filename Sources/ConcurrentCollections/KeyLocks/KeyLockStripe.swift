// SPDX-License-Identifier: Apache-2.0
//
// A part of the keys: which of them are held, and the locks nobody needs at the moment. Everything runs under the stripe's mutex, the
// keys' `hash(into:)` and `==` too; nothing waits.

/// The state under a stripe's mutex.
@usableFromInline
struct KeyLockStripe<Key: Hashable>: ~Copyable {
  /// What can be locked: a key, or the right to take two keys whose hashes are equal.
  @usableFromInline
  enum Target {
    case key(Key)
    case equalHashes
  }

  /// The keys that are held at the moment, and no others; each with a lock if somebody waits for it.
  @usableFromInline var held = HashedStore<Key, KeyLock?>()
  /// The lock of `equalHashes` while it is held.
  @usableFromInline var equalHashes: KeyLock?
  /// Locks given back, for the next keys.
  @usableFromInline var pool: [KeyLock] = []
  @usableFromInline let poolLimit: Int

  init(poolLimit: Int) { self.poolLimit = poolLimit }

  var heldCount: Int { held.count + (equalHashes == nil ? 0 : 1) }
  var pooledCount: Int { pool.count }

  var waiterCount: Int {
    var count = equalHashes?.waiterCount ?? 0
    held.forEachPlace { count += held.entries[$0].value?.waiterCount ?? 0 }
    return count
  }

  /// Takes a key if nobody holds it.
  @inlinable
  mutating func tryAcquire(_ target: Target, _ hash: UInt) -> Bool {
    guard case .key(let key) = target else {
      if equalHashes != nil { return false }
      equalHashes = KeyLock()
      return true
    }
    return tryAcquire(key, hash)
  }

  @inlinable
  mutating func tryAcquire(_ key: Key, _ hash: UInt) -> Bool {
    let place = held.find(hash, key)
    if place >= 0 { return false }
    held.insert(hash, key, nil, at: ~place)
    return true
  }

  /// Joins the queue for a key that is held.
  @usableFromInline
  mutating func wait(for target: Target, _ hash: UInt, _ waiter: KeyWaiter) {
    switch target {
    case .key(let key):
      let place = held.find(hash, key)
      precondition(place >= 0, "waiting for a key that is free")
      let lock = held.entries[place].value ?? pool.popLast() ?? KeyLock()
      held.entries[place].value = lock
      lock.append(waiter)
    case .equalHashes:
      precondition(equalHashes != nil, "waiting for a right that is free")
      equalHashes?.append(waiter)
    }
  }

  /// Leaves the queue; nil if the turn has come already.
  func giveUp(_ target: Target, _ hash: UInt, task number: UInt) -> CheckedContinuation<WaitEnd, Never>? {
    switch target {
    case .key(let key): (held.value(hash, key) ?? nil)?.remove(task: number)
    case .equalHashes: equalHashes?.remove(task: number)
    }
  }

  /// Gives a key to the next in its queue, or its lock to the pool.
  ///
  /// - Returns: Who has the key now, to be woken after the mutex is released.
  @inlinable
  mutating func release(_ target: Target, _ hash: UInt) -> KeyWaiter? {
    guard case .key(let key) = target else { return releaseEqualHashes() }
    return release(key, hash)
  }

  @inlinable
  mutating func release(_ key: Key, _ hash: UInt) -> KeyWaiter? {
    let place = held.find(hash, key)
    precondition(place >= 0, "releasing a key that is not held")
    if let lock = held.entries[place].value {
      if let next = lock.popFirst() { return next }
      if pool.count < poolLimit { pool.append(lock) }
    }
    _ = held.remove(at: place)
    if held.count == 0, held.mask > 1023 { shrink() }
    return nil
  }

  /// Makes the table of held keys small again after a crowd.
  @usableFromInline
  mutating func shrink() { held = HashedStore() }

  @usableFromInline
  mutating func releaseEqualHashes() -> KeyWaiter? {
    if let next = equalHashes?.popFirst() { return next }
    equalHashes = nil
    return nil
  }
}

extension KeyLockStripe: @unchecked Sendable where Key: Sendable {}
extension KeyLockStripe.Target: Sendable where Key: Sendable {}
