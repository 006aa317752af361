// SPDX-License-Identifier: Apache-2.0
//
// A part of the keys: which of them are held, and the locks nobody needs at the moment. Everything
// runs under the stripe's mutex, the keys' `hash(into:)` and `==` too; nothing waits, and no key is
// destroyed here.

/// The state under a stripe's mutex.
@usableFromInline
struct KeyLockStripe<Key: Hashable>: ~Copyable {
  /// What can be locked: a key, or the right to take two keys whose hashes are equal.
  @usableFromInline
  enum Target {
    case key(Key)
    case equalHashes
  }

  /// How one key is held.
  @usableFromInline
  struct Holding {
    /// There from the first who waits for the key on.
    @usableFromInline var lock: KeyLock?
    /// How many share the key, 0 while one holds it alone; as long as there is no lock.
    @usableFromInline var sharersWithoutLock: Int

    @inlinable
    init(_ access: KeyAccess) {
      lock = nil
      sharersWithoutLock = access == .shared ? 1 : 0
    }
  }

  /// What a release leaves to be done after the mutex is released.
  @usableFromInline
  struct Released {
    /// The holders of the key, in a chain.
    @usableFromInline var admitted: Waiter?
    /// What is destroyed: a key's `deinit` may use the locks.
    @usableFromInline var entry: HashedStore<Key, Holding>.Entry?

    @inlinable
    init(admitted: Waiter?, entry: HashedStore<Key, Holding>.Entry? = nil) {
      self.admitted = admitted
      self.entry = entry
    }
  }

  /// The keys that are held at the moment, and no others.
  @usableFromInline var held = HashedStore<Key, Holding>()
  /// The lock of `equalHashes` while it is held.
  @usableFromInline var equalHashes: KeyLock?
  /// Locks given back, for the next keys.
  @usableFromInline var pool: [KeyLock] = []
  @usableFromInline let poolLimit: Int

  init(poolLimit: Int) { self.poolLimit = poolLimit }

  var heldCount: Int { held.count + (equalHashes == nil ? 0 : 1) }
  var pooledCount: Int { pool.count }
  var places: Int { held.mask + 1 }

  var waiterCount: Int {
    var count = equalHashes?.waiterCount ?? 0
    held.forEachPlace { count += held.entries[$0].value.lock?.waiterCount ?? 0 }
    return count
  }

  /// Takes a key or a right alone if nobody holds it.
  mutating func tryAcquire(_ target: Target, _ hash: UInt, _ access: KeyAccess) -> Bool {
    switch target {
    case .key(let key):
      return access == .shared ? tryShare(key, hash) : tryAcquire(key, hash)
    case .equalHashes:
      if equalHashes != nil { return false }
      equalHashes = KeyLock()
      return true
    }
  }

  @inlinable
  mutating func tryAcquire(_ key: Key, _ hash: UInt) -> Bool {
    let place = held.find(hash, key)
    if place >= 0 { return false }
    held.insert(hash, key, Holding(.exclusive), at: ~place)
    return true
  }

  /// Takes a key together with others who share it, unless somebody holds it alone or waits for it.
  @inlinable
  mutating func tryShare(_ key: Key, _ hash: UInt) -> Bool {
    let place = held.find(hash, key)
    if place < 0 {
      held.insert(hash, key, Holding(.shared), at: ~place)
      return true
    }
    if let lock = held.entries[place].value.lock {
      guard lock.admitsSharers else { return false }
      lock.sharers += 1
      return true
    }
    guard held.entries[place].value.sharersWithoutLock > 0 else { return false }
    held.entries[place].value.sharersWithoutLock += 1
    return true
  }

  /// Joins the queue for a key that is held.
  mutating func wait(for target: Target, _ hash: UInt, _ waiter: Waiter) {
    switch target {
    case .key(let key):
      let place = held.find(hash, key)
      require(place >= 0, "KeyLocks: the == of a key gave different answers for one key")
      if let lock = held.entries[place].value.lock { return lock.append(waiter) }
      let lock = pool.popLast() ?? KeyLock()
      lock.sharers = held.entries[place].value.sharersWithoutLock
      held.entries[place].value.lock = lock
      lock.append(waiter)
    case .equalHashes:
      precondition(equalHashes != nil, "waiting for a right that is free")
      equalHashes?.append(waiter)
    }
  }

  /// Gives back what was held.
  mutating func release(_ target: Target, _ hash: UInt) -> Released {
    switch target {
    case .key(let key): return release(key, hash)
    case .equalHashes:
      if let next = equalHashes?.passOn() { return Released(admitted: next) }
      equalHashes = nil
      return Released(admitted: nil)
    }
  }

  /// Gives a key back, to the next in its queue or to nobody; then its lock goes to the pool.
  @inlinable
  mutating func release(_ key: Key, _ hash: UInt) -> Released {
    let place = held.find(hash, key)
    if place < 0 { return releaseUnequal(key, hash) }
    if let lock = held.entries[place].value.lock {
      if lock.sharers > 1 {
        lock.sharers -= 1
        return Released(admitted: nil)
      }
      lock.sharers = 0
      if let next = lock.passOn() { return Released(admitted: next) }
      if pool.count < poolLimit { pool.append(lock) }
    } else if held.entries[place].value.sharersWithoutLock > 1 {
      held.entries[place].value.sharersWithoutLock -= 1
      return Released(admitted: nil)
    }
    let entry = held.remove(at: place)
    shrinkIfSparse()
    return Released(admitted: nil, entry: entry)
  }

  /// Gives a key back that no look-up finds, as it does not equal itself: nobody can wait for it,
  /// and one entry of its hash is as good as another.
  @usableFromInline
  mutating func releaseUnequal(_ key: Key, _ hash: UInt) -> Released {
    guard !key.equalsItself, let place = held.placeOfUnequal(hash) else {
      fatalError("KeyLocks: a key that is held has changed: its hash(into:) or == gives another answer than before")
    }
    let entry = held.remove(at: place)
    shrinkIfSparse()
    return Released(admitted: nil, entry: entry)
  }

  /// Makes the table of held keys smaller after a crowd: at a sixteenth of its room, to a quarter.
  @inlinable @inline(__always)  // A comparison.
  mutating func shrinkIfSparse() {
    if held.mask > 1023, held.count &* 16 <= held.mask {
      held.resize(to: HashedStore<Key, Holding>.places(for: held.count * 3))
    }
  }
}

extension KeyLockStripe: @unchecked Sendable where Key: Sendable {}
extension KeyLockStripe.Target: Sendable where Key: Sendable {}
extension KeyLockStripe.Released: @unchecked Sendable where Key: Sendable {}
