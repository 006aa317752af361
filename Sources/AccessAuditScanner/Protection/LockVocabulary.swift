// SPDX-License-Identifier: Apache-2.0
//
// The names of functions that take and release locks. One table; nothing here reads syntax.

#if Scanner

/// The effect of a call on a lock.
enum LockAction: Sendable, Equatable {
  case acquire(exclusive: Bool)
  case release
  /// Holds the lock while its closure runs.
  case scoped(exclusive: Bool)
  /// Takes the lock when it is free; the result says whether it did.
  case attempt(exclusive: Bool)
}

/// The vocabulary of locks.
enum LockVocabulary {
  /// Methods of a lock.
  static let methods: [String: LockAction] = [
    "lock": .acquire(exclusive: true), "unlock": .release,
    "unsafeLock": .acquire(exclusive: true), "unsafeUnlock": .release, "_unsafeLock": .acquire(exclusive: true),
    "_unsafeUnlock": .release, "acquire": .acquire(exclusive: true), "release": .release,
    "readLock": .acquire(exclusive: false), "lockRead": .acquire(exclusive: false),
    "lockForReading": .acquire(exclusive: false), "writeLock": .acquire(exclusive: true),
    "lockWrite": .acquire(exclusive: true), "lockForWriting": .acquire(exclusive: true),
    "readUnlock": .release, "unlockRead": .release, "writeUnlock": .release, "unlockWrite": .release,
    "try": .attempt(exclusive: true), "tryLock": .attempt(exclusive: true),
    "lockIfAvailable": .attempt(exclusive: true),
    "withLock": .scoped(exclusive: true), "withLockUnchecked": .scoped(exclusive: true),
    "withLockVoid": .scoped(exclusive: true), "withLockIfAvailable": .scoped(exclusive: true),
    "withLockIfAvailableUnchecked": .scoped(exclusive: true),
    "withReaderLock": .scoped(exclusive: false), "withReaderLockVoid": .scoped(exclusive: false),
    "withReadLock": .scoped(exclusive: false), "withWriterLock": .scoped(exclusive: true),
    "withWriterLockVoid": .scoped(exclusive: true), "withWriteLock": .scoped(exclusive: true),
    "withLockedValue": .scoped(exclusive: true), "withCriticalRegion": .scoped(exclusive: true),
  ]

  /// Methods that identify a lock even when the receiver's type is unknown.
  static let unmistakable: Set<String> = [
    "lock", "unlock", "withLock", "withLockUnchecked", "withLockVoid", "withReaderLock", "withWriterLock",
    "withReaderLockVoid", "withWriterLockVoid", "withLockedValue", "withReadLock", "withWriteLock", "readLock",
    "writeLock", "lockRead", "lockWrite", "readUnlock", "writeUnlock", "unlockRead", "unlockWrite",
  ]

  /// The action of a method; names such as `withLockWaiting…` are scoped as `withLock` is.
  static func action(_ name: String) -> LockAction? {
    if let known = methods[name] { return known }
    return name.hasPrefix("withLock") || name.hasPrefix("whileLocked") ? .scoped(exclusive: true) : nil
  }

  static func isUnmistakable(_ name: String) -> Bool { unmistakable.contains(name) || name.hasPrefix("withLock") }

  /// C functions; the lock is the first argument.
  static let functions: [String: LockAction] = [
    "pthread_mutex_lock": .acquire(exclusive: true), "pthread_mutex_unlock": .release,
    "pthread_mutex_trylock": .attempt(exclusive: true), "pthread_spin_lock": .acquire(exclusive: true),
    "pthread_spin_unlock": .release, "pthread_rwlock_rdlock": .acquire(exclusive: false),
    "pthread_rwlock_wrlock": .acquire(exclusive: true), "pthread_rwlock_unlock": .release,
    "os_unfair_lock_lock": .acquire(exclusive: true), "os_unfair_lock_unlock": .release,
    "os_unfair_lock_trylock": .attempt(exclusive: true), "OSSpinLockLock": .acquire(exclusive: true),
    "OSSpinLockUnlock": .release, "objc_sync_enter": .acquire(exclusive: true), "objc_sync_exit": .release,
  ]

  /// Calls that wait for all work that was started before.
  static let joins: Set<String> = [
    "wait", "join", "waitUntilAllOperationsAreFinished", "waitUntilFinished", "waitForAll", "waitForExpectations",
    "fulfillment", "pthread_join", "syncShutdownGracefully", "addOperations",
  ]

  /// True for a function whose name promises that its caller holds the lock.
  static func promisesLock(_ name: String) -> Bool {
    let lowered = name.lowercased()
    return lowered.hasSuffix("locked") && !lowered.hasSuffix("unlocked") || lowered.hasSuffix("withlockheld")
      || lowered.hasSuffix("whilelocked") || lowered.hasSuffix("onqueue") || lowered.hasSuffix("underlock")
      || lowered.hasSuffix("nolock") || lowered.hasPrefix("locked_")
      || lowered.hasPrefix("synchronized_") || lowered.hasPrefix("synchronised_") || lowered.hasSuffix("holdinglock")
  }
}

#endif
