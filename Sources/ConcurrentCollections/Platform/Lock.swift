// SPDX-License-Identifier: Apache-2.0
//
// A mutex of 20 bytes that allocates nothing. A waiting thread spins, then is parked; after a
// millisecond the lock is handed to it.

public import Synchronization

/// An unfair mutex (running threads may overtake waiting ones) that becomes fair for threads that
/// have waited for a millisecond.
///
/// `lock` is a compare-and-swap, `unlock` a subtraction. The subtraction is what keeps the compiler
/// in order, too: acquire and release order bind memory accesses, but Swift's optimiser moves a
/// `swift_retain` past any plain store, atomic or not. It does not move one past an atomic
/// read-modify-write. So what was read under the lock is retained under it, which
/// `Tests/Fixtures/SharedValues/assembly` checks.
///
/// A thread that finds the lock held backs off without reading the lock's cache line. Then it polls
/// the word, and after a few polls sets ``wanted``: from then on the fast path of other threads
/// fails, so the holder does not retake the lock after the operation in progress, and the polling
/// thread gets it. The next thread that takes the lock clears the bit. If the holder has no
/// processor, or holds the lock for long, the waiting thread yields, then is parked until it is
/// woken. A running thread need not wait for a parked one, because a hand-over to a thread that
/// must be scheduled first costs some microseconds for each operation. A thread that has waited for
/// a millisecond registers, and `unlock` hands the lock to registered threads in the order of their
/// registration. So the longest wait is a millisecond, the operations in progress, and the turns of
/// the threads that registered earlier.
///
/// When the lock passes to another thread, the cache lines of the elements that the last holder
/// changed follow one by one. So the back-off is adaptive: it grows, up to about 2 µs, while the
/// thread that lost the lock takes it back at once, and shrinks otherwise. With a back-off of up to
/// 30 µs, two and four threads made no more operations a second, and the longest thousandth of
/// their waits was several times as long.
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
  /// the lock. A thread that is not given the lock takes it only while none is registered. While
  /// the word has other bits than ``wanted`` and is not held, some thread is in
  /// ``unlockSlowly(_:)``.
  @usableFromInline let word = Atomic<UInt32>(0)
  /// Counts the times a parked thread was woken; parked threads sleep on it.
  let wakes = Atomic<UInt32>(0)
  /// How often the lock has been handed over. A registered thread has it once this is above the
  /// number of its ticket, and sleeps on it.
  let grants = Atomic<UInt32>(0)
  /// The number of the next ticket: grants follow the order of registration, even where a thread
  /// has not woken up yet.
  let tickets = Atomic<UInt32>(0)
  /// The first back-off of the next thread that waits, as a power of two, and when a thread that
  /// had waited last took the lock.
  let contest = Atomic<UInt32>(0)

  @usableFromInline
  init() {}

  /// Takes a lock.
  ///
  /// - Parameter shortestPause: The first back-off of a thread that finds it held, where it is not
  ///   contended otherwise.
  @inlinable @inline(__always)  // One compare-and-swap when nobody else is there.
  static func lock(_ lock: Pointer, shortestPause: Int = pauseOfOne) {
    if take(lock) { return }
    _ = lockSlowly(lock, shortestPause)
  }

  /// Takes a lock, unless it must be waited for and the wait is cancelled meanwhile.
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

  /// For a lock that its holder is likely to take again at once; the back-off may grow.
  @inlinable static var pauseOfOne: Int { 256 }
  /// For one lock of many: the thread that loses it goes on to another one, and may hold a lock
  /// meanwhile that other threads need.
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

  /// The longest back-off, in steps of ``rest(_:)``; each is twice as long as the one before.
  static let longestPause = 4096
  static let longestPauseOfMany = 1024
  /// How many steps a thread spins at least before it yields, and how often it yields before it is
  /// parked.
  static let leastSpin = 8192
  /// How often a thread polls the word after each back-off, and after how many polls it sets
  /// ``wanted``.
  static let polls = 48
  static let pollsInPassing = 4
  static let yields = 4
  /// A lock that is found held within this time after it was taken is contended, in nanoseconds.
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
