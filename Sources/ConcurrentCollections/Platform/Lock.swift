// SPDX-License-Identifier: Apache-2.0
//
// A mutex of 20 bytes. It allocates nothing; a thread that waits long is parked, and one that has
// waited a millisecond is given the lock.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
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
  @usableFromInline typealias Place = UnsafeMutablePointer<Lock>

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
  private let contest = Atomic<UInt32>(0)

  @usableFromInline
  init() {}

  /// Takes a lock.
  ///
  /// - Parameter shortestPause: How long a thread that finds it held stays away if nobody fights
  ///   for it.
  @inlinable @inline(__always)  // One compare-and-swap when nobody else is there.
  static func lock(_ place: Place, shortestPause: Int = pauseOfOne) {
    if take(place) { return }
    _ = lockSlowly(place, shortestPause)
  }

  /// Takes a lock, unless it has to be waited for and somebody says meanwhile that there is no use
  /// in it any more.
  ///
  /// - Parameter isFutile: What is looked at while the thread waits, but for the time it is parked
  ///   or registered.
  /// - Returns: Whether the lock was taken.
  @inlinable @inline(__always)  // One compare-and-swap when nobody else is there.
  static func lock(_ place: Place, unless isFutile: UnsafeMutablePointer<Atomic<Bool>>) -> Bool {
    take(place) || lockSlowly(place, pauseOfOne, isFutile)
  }

  @inlinable @inline(__always)  // One subtraction when nobody waits.
  static func unlock(_ place: Place) {
    // Releases what was done under the lock. Pairs with the compare-and-swap in `take`.
    if place.pointee.word.wrappingSubtract(held, ordering: .releasing).newValue != 0 { unlockSlowly(place) }
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
  static func take(_ place: Place) -> Bool {
    // Acquires what the last holder did. Pairs with the subtraction in `unlock`.
    place.pointee.word.compareExchange(
      expected: 0, desired: held, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  // MARK: Waiting

  @usableFromInline @inline(never)
  static func lockSlowly(
    _ place: Place, _ shortestPause: Int, _ isFutile: UnsafeMutablePointer<Atomic<Bool>>? = nil
  ) -> Bool {
    let arrival = Moment.now.nanoseconds
    let contest = place.pointee.contest.load(ordering: .relaxed)
    let longest = shortestPause == pauseOfOne ? longestPause : longestPauseOfMany
    let pause = min(max(1 << Int(contest & 31), shortestPause), longest)
    var end = look(place, pause, longest, isFutile)
    // To stay away was of no use, unless the lock is taken below.
    var next = max(pause / 2, shortestPause)
    if end == .taken {
      // Looked at now, not on arrival: who took it then had no time to say so, perhaps.
      let taken = place.pointee.contest.load(ordering: .relaxed) >> 5
      let sinceTaken = (UInt32(truncatingIfNeeded: arrival >> 5) &- taken) << 5
      if Int32(bitPattern: sinceTaken) < soon { next = min(pause * 2, longest) }
    }
    var wasParked = false
    while end == .spent {
      let waited = Moment.now.nanoseconds &- arrival
      if waited >= patience {
        waitForGrant(place, wasParked)
        end = .taken
      } else {
        wasParked = true
        end = park(place, atMost: patience &- waited) ? .taken : look(place, pause, longest, isFutile, keeping: parked)
      }
    }
    if end == .futile {
      if wasParked { passOn(place) }
      return false
    }
    let now = UInt32(truncatingIfNeeded: Moment.now.nanoseconds >> 5)
    place.pointee.contest.store(now << 5 | UInt32(next.trailingZeroBitCount), ordering: .relaxed)
    return true
  }

  private enum LookEnd { case taken, futile, spent }

  /// Looks at the lock now and then.
  ///
  /// - Parameter keeping: ``parked`` if others may be, so that the next one is woken when this
  ///   thread unlocks.
  private static func look(
    _ place: Place, _ first: Int, _ longest: Int, _ isFutile: UnsafeMutablePointer<Atomic<Bool>>?,
    keeping bits: UInt32 = 0
  ) -> LookEnd {
    var pause = first
    var spent = 0
    while spent < first + leastSpin {
      // Away from the word, so that its line stays with the holder, who may finish and come again
      // meanwhile.
      var left = pause
      while left > 0 {
        rest(min(left, 1024))
        left -= 1024
        if let isFutile, isFutile.pointee.load(ordering: .relaxed) { return .futile }
      }
      for poll in 0..<polls {
        if takeAmongWaiting(place, bits) { return .taken }
        // The holder is between two operations for a small part of the time. From now on it stays
        // away after the one in progress.
        if poll == pollsInPassing { want(place) }
        rest(64)
      }
      spent += pause
      pause = min(pause * 2, longest)
      // Whoever is registered comes first.
      if place.pointee.word.load(ordering: .relaxed) >= registered { return .spent }
    }
    // The holder has no core, perhaps. It is given this one; that is cheaper for both than to be
    // parked and woken.
    for _ in 0..<yields {
      sched_yield()
      if takeAmongWaiting(place, bits) { return .taken }
    }
    return .spent
  }

  /// Keeps those who come from taking the lock in passing, until it is taken.
  private static func want(_ place: Place) {
    let word = place.pointee.word.load(ordering: .relaxed)
    guard word & (held | wanted) == held, word < registered else { return }
    // It fails when the holder unlocks just now. Then the thread marks it after its next time away.
    _ = place.pointee.word.compareExchange(expected: word, desired: word | wanted, ordering: .acquiringAndReleasing)
  }

  /// Takes the lock if it is free, whether or not others are parked.
  private static func takeAmongWaiting(_ place: Place, _ bits: UInt32) -> Bool {
    let word = place.pointee.word.load(ordering: .relaxed)
    guard word & held == 0, word < registered else { return false }
    // Acquires what the last holder did.
    return place.pointee.word.compareExchange(
      expected: word, desired: word & ~wanted | held | bits, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  /// Parks the thread until it is woken or a time is over, unless the lock is free: then it takes
  /// it.
  ///
  /// - Returns: Whether it has the lock.
  private static func park(_ place: Place, atMost limit: UInt64) -> Bool {
    // Read before the wish to be woken can be seen, so that a wake-up after it is not slept
    // through.
    let wakes = place.pointee.wakes.load(ordering: .acquiring)
    while true {
      let word = place.pointee.word.load(ordering: .relaxed)
      if word & held == 0, word < registered {
        if takeAmongWaiting(place, parked) { return true }
      } else if word & parked != 0
        || place.pointee.word.compareExchange(
          expected: word, desired: word | parked, ordering: .acquiringAndReleasing
        ).exchanged
      {
        break
      }
    }
    SystemCall.wait(wakePlace(place), while: wakes, atMost: limit)
    return takeAmongWaiting(place, parked)
  }

  /// Registers the thread and waits until it is given the lock, or takes it if it is free.
  private static func waitForGrant(_ place: Place, _ wasParked: Bool) {
    // Others may be parked, who have been left to this thread.
    let bits = wasParked ? parked : 0
    while true {
      let word = place.pointee.word.load(ordering: .relaxed)
      if word & held == 0, word < registered {
        if takeAmongWaiting(place, bits) { return }
      } else if place.pointee.word.compareExchange(
        expected: word, desired: (word | bits) &+ registered, ordering: .acquiringAndReleasing
      ).exchanged {
        break
      }
    }
    let ticket = place.pointee.tickets.wrappingAdd(1, ordering: .relaxed).oldValue
    while true {
      // Acquires what the last holder did. Pairs with the addition in `unlockSlowly`.
      let grants = place.pointee.grants.load(ordering: .acquiring)
      if Int32(bitPattern: grants &- ticket) > 0 { return }
      SystemCall.wait(grantPlace(place), while: grants, as: ticket)
    }
  }

  // MARK: Waking

  /// Hands the lock, which the caller has let go of, to a registered thread or wakes one that is
  /// parked.
  @usableFromInline @inline(never)
  static func unlockSlowly(_ place: Place) {
    while true {
      let word = place.pointee.word.load(ordering: .relaxed)
      // Whoever took it meanwhile sees to the rest. Who wants it is looking.
      if word & held != 0 || word & ~wanted == 0 { return }
      if word >= registered {
        let (isHandedOver, _) = place.pointee.word.compareExchange(
          expected: word, desired: word &- registered | held, ordering: .acquiringAndReleasing)
        guard isHandedOver else { continue }
        // Releases what the holders so far have done.
        let ticket = place.pointee.grants.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
        return SystemCall.wake(grantPlace(place), as: ticket)
      }
      if place.pointee.word.compareExchange(expected: word, desired: word & wanted, ordering: .acquiringAndReleasing)
        .exchanged
      {
        return wakeOne(place)
      }
    }
  }

  /// Leaves a wake-up that a thread has no use for to another one.
  private static func passOn(_ place: Place) {
    while true {
      let word = place.pointee.word.load(ordering: .relaxed)
      // Whoever unlocks wakes the next one.
      if word & parked != 0 { return }
      if word & held == 0 { return wakeOne(place) }
      if place.pointee.word.compareExchange(expected: word, desired: word | parked, ordering: .acquiringAndReleasing)
        .exchanged
      {
        return
      }
    }
  }

  private static func wakeOne(_ place: Place) {
    place.pointee.wakes.wrappingAdd(1, ordering: .acquiringAndReleasing)
    SystemCall.wake(wakePlace(place), 1)
  }

  private static func wakePlace(_ place: Place) -> UnsafeMutablePointer<Atomic<UInt32>> {
    (UnsafeMutableRawPointer(place) + 4).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  private static func grantPlace(_ place: Place) -> UnsafeMutablePointer<Atomic<UInt32>> {
    (UnsafeMutableRawPointer(place) + 8).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  // MARK: Times

  /// The longest time away between looks, in steps of ``rest(_:)``; each is twice as long as the
  /// one before.
  private static let longestPause = 4096
  private static let longestPauseOfMany = 1024
  /// How many steps a thread looks at least before it gives its core away, and how often it does
  /// that before it is parked.
  private static let leastSpin = 8192
  /// How often a thread looks after each time away, and after how many looks it marks the lock.
  private static let polls = 48
  private static let pollsInPassing = 4
  private static let yields = 4
  /// How soon after it was taken a lock counts as fought for, in nanoseconds.
  private static let soon: Int32 = 2000
  /// After how many nanoseconds a thread is given the lock.
  private static let patience: UInt64 = 1_000_000
  /// Never written: a line that every core has.
  private static let quiet = Atomic<UInt32>(0)

  /// Lets a time go by, in steps of a cycle or two, without touching memory that others write.
  static func rest(_ steps: Int) {
    guard steps > 0 else { return }
    for _ in 0..<steps where quiet.load(ordering: .relaxed) != 0 { return }
  }
}
