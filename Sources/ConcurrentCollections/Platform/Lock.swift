// SPDX-License-Identifier: Apache-2.0
//
// A mutex of 20 bytes. It allocates nothing; a thread that waits long is parked, and one that has
// waited a millisecond is given the lock.

public import Synchronization

/// A mutex that whoever is running may take, until somebody has waited for a millisecond.
///
/// `lock` is a compare-and-swap, `unlock` a subtraction. The subtraction is what keeps the compiler
/// in order, too: acquire and release order bind memory accesses, but Swift's optimiser moves a
/// `swift_retain` past any plain store, atomic or not. It does not move one past an atomic
/// read-modify-write. So what was read under the lock is retained under it, which
/// `Tests/Fixtures/SharedValues/assembly` checks.
///
/// Who finds the lock held stays away from its cache line for a pause. Then it looks, and soon
/// marks the lock as wanted: nobody takes it in passing any more, so that the last holder stays
/// away in turn after the operation in progress, and the thread that looks gets it. The mark goes
/// with the next taker. Where that is of no use, as the holder has no core or holds it long, the
/// thread gives its core away, then is parked until it is woken. Nobody who is running has to wait
/// for a thread that is not: to hand the lock to one that has to be switched to costs some
/// microseconds for each operation. But who has waited a millisecond registers, and whoever unlocks
/// then hands the lock over to one of those, in the order in which they registered. So a wait lasts
/// a millisecond, the operations in progress and those of the threads that have waited longer.
///
/// When the lock passes to another thread, so do, line by line, the elements the last one changed.
/// So the pause is learnt: it grows, to about 2 µs, while whoever lost the lock wants it back at
/// once, and shrinks otherwise. With a pause of up to 30 µs, two and four threads did no more
/// operations a second, and their longest thousandth waited several times as long.
///
/// Why not `Synchronization.Mutex`: on Linux that is a priority-inheriting futex, which the kernel
/// hands to the thread that waited longest, awake or not, each time. `Tests/Benchmarks/remedies`
/// has the two side by side. There is no inheritance of priority here.
///
/// Sources: U. Drepper, "Futexes Are Tricky", 2011; Go's `sync.Mutex` (hand-over after a
/// millisecond).
@usableFromInline
struct Lock: ~Copyable {
  /// Where a lock is; it must not move.
  @usableFromInline typealias Pointer = UnsafeMutablePointer<Lock>

  /// ``held``, ``parked``, ``wanted``, and ``registered`` for each thread that waits to be given
  /// the lock. Who takes the lock for itself does so only while nobody is registered. While it has
  /// other bits than ``wanted`` and is not held, somebody is in ``unlockSlowly(_:)``.
  @usableFromInline let word = Atomic<UInt32>(0)
  /// Counts the times a parked thread was woken; parked threads sleep on it.
  let wakes = Atomic<UInt32>(0)
  /// How often the lock has been handed over. A registered thread has it once this is above the
  /// number of its ticket, and sleeps on it.
  let grants = Atomic<UInt32>(0)
  /// The number of the next ticket, so that nobody who comes later is given the lock before a
  /// thread that has not woken up yet.
  let tickets = Atomic<UInt32>(0)
  /// How long the next thread that waits stays away at first, as a power of two, and when a thread
  /// that had waited last took the lock.
  let contest = Atomic<UInt32>(0)

  @usableFromInline
  init() {}

  /// Takes a lock.
  ///
  /// - Parameter shortestPause: How long a thread that finds it held stays away if nobody fights
  ///   for it.
  @inlinable @inline(__always)  // One compare-and-swap when nobody else is there.
  static func lock(_ lock: Pointer, shortestPause: Int = pauseOfOne) {
    if take(lock) { return }
    _ = lockSlowly(lock, shortestPause)
  }

  /// Takes a lock, unless it has to be waited for and somebody says meanwhile that there is no use
  /// in it any more.
  ///
  /// - Parameter isCancelled: Read while the thread waits, except while it is parked or registered.
  /// - Returns: Whether the lock was taken.
  @inlinable @inline(__always)  // One compare-and-swap when nobody else is there.
  static func lock(_ lock: Pointer, unless isCancelled: UnsafeMutablePointer<Atomic<Bool>>) -> Bool {
    take(lock) || lockSlowly(lock, pauseOfOne, isCancelled)
  }

  @inlinable @inline(__always)  // One subtraction when nobody waits.
  static func unlock(_ lock: Pointer) {
    // Releases what was done under the lock. Pairs with the compare-and-swap in `take`.
    if lock.pointee.word.wrappingSubtract(held, ordering: .releasing).newValue != 0 { unlockSlowly(lock) }
  }

  /// For a lock that its holder is likely to take again at once; it may learn to stay away for
  /// longer.
  @inlinable static var pauseOfOne: Int { 256 }
  /// For one lock of many: whoever loses it goes on to another one, and may hold something that
  /// others want meanwhile.
  @inlinable static var pauseOfMany: Int { 32 }

  @inlinable static var held: UInt32 { 1 }
  static var parked: UInt32 { 2 }
  static var wanted: UInt32 { 4 }
  static var registered: UInt32 { 8 }

  /// Takes the lock if it is free and nobody waits to be woken or given it.
  @inlinable @inline(__always)  // One compare-and-swap.
  static func take(_ lock: Pointer) -> Bool {
    // Acquires what the last holder did. Pairs with the subtraction in `unlock`.
    lock.pointee.word.compareExchange(
      expected: 0, desired: held, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  /// The longest time away between looks, in steps of ``rest(_:)``; each is twice as long as the
  /// one before.
  static let longestPause = 4096
  static let longestPauseOfMany = 1024
  /// How many steps a thread looks at least before it gives its core away, and how often it does
  /// that before it is parked.
  static let leastSpin = 8192
  /// How often a thread looks after each time away, and after how many looks it marks the lock.
  static let polls = 48
  static let pollsInPassing = 4
  static let yields = 4
  /// How soon after it was taken a lock counts as fought for, in nanoseconds.
  static let soon: Int32 = 2000
  /// After how many nanoseconds a thread is given the lock.
  static let patience: UInt64 = 1_000_000
  /// Never written: a line that every core has.
  static let quiet = Atomic<UInt32>(0)

  /// Lets a time go by, in steps of a cycle or two, without touching memory that others write.
  static func rest(_ steps: Int) {
    guard steps > 0 else { return }
    for _ in 0..<steps where quiet.load(ordering: .relaxed) != 0 { return }
  }
}
