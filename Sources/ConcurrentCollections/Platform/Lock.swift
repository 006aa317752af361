// SPDX-License-Identifier: Apache-2.0
//
// A mutex of 16 bytes. It allocates nothing; a thread that waits long is parked.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
public import Synchronization

/// A mutex whose holder lets go by a plain store.
///
/// An exchange is the dearest part of a short critical section, so there is one in `lock` and none in `unlock`: the holder stores 0 and looks whether
/// somebody wants to be woken. Processors may do the look first. So whoever wants to be woken says so and then makes every
/// thread pass a barrier (``SystemCall``): from then on either its look at the word or the holder's at the wish sees the other's. Where the kernel
/// has no such barrier, a wish can be overlooked, and the thread that is parked looks again by itself after some milliseconds.
///
/// Source of the futex protocol: U. Drepper, "Futexes Are Tricky", 2011; of the barrier by the side that comes seldom: `man 2 membarrier`.
///
/// Why not `Synchronization.Mutex`: on Linux that is a priority-inheriting futex, which the kernel hands to the thread that waited
/// longest, awake or not. With more threads than cores every operation then waits for a context switch: eight threads writing
/// to one dictionary on two busy cores took 15 to 37 µs an operation with it, and about 10 ns with a lock that whoever is running may
/// take. ThreadSanitizer, too, does not see that mutex's slow path and reports what it protects as races; it does see
/// these atomic operations. The price is that there is no inheritance of priority and no order among those who wait; but for somebody
/// who has waited a millisecond the others stay away until the lock is taken.
///
/// When the lock passes to another thread, so do, line by line, the elements the last one changed, and threads that
/// fight for it operation by operation do little else. So who waits stays away for a pause, and the lock learns how long: the pause
/// grows while whoever lost the lock wants it back at once, to about 30 µs, and shrinks otherwise.
@usableFromInline
struct Lock: ~Copyable {
  /// Where a lock is; it must not move.
  @usableFromInline typealias Place = UnsafeMutablePointer<Lock>

  /// What those who wait want of whoever unlocks: ``wake`` and ``waitedLong``, less ``looking`` for each thread that looks at the lock itself. So
  /// it is above 0, as a signed number, when something is wanted and nobody there to take the lock. Parked threads sleep on it: whoever sees
  /// to a wish changes it. The first member, so that it is at the lock's own address.
  @usableFromInline let wishes = Atomic<UInt32>(0)
  /// 1 while the lock is held, else 0.
  @usableFromInline let word = Atomic<UInt32>(0)
  /// How long the next thread that waits stays away at first, in steps of ``rest(_:)``.
  private let pause = Atomic<UInt32>(0)
  /// When a thread that had waited last took the lock: the low half of a ``Moment``'s nanoseconds.
  private let takenAt = Atomic<UInt32>(0)

  @usableFromInline
  init() {}

  /// Takes a lock.
  ///
  /// - Parameter shortestPause: How long a thread that finds it held stays away if nobody fights for it.
  @inlinable @inline(__always)  // One exchange when nobody else is there.
  static func lock(_ place: Place, shortestPause: Int = pauseOfOne) {
    if take(place) { return }
    _ = lockSlowly(place, shortestPause)
  }

  /// Takes a lock, unless it has to be waited for and somebody says meanwhile that there is no use in it any more.
  ///
  /// - Parameter isFutile: What is looked at while the thread waits, but for the time it is parked.
  /// - Returns: Whether the lock was taken.
  @inlinable @inline(__always)  // One exchange when nobody else is there.
  static func lock(_ place: Place, unless isFutile: UnsafeMutablePointer<Atomic<Bool>>) -> Bool {
    take(place) || lockSlowly(place, pauseOfOne, isFutile)
  }

  @inlinable @inline(__always)  // A store and a load when nobody is parked.
  static func unlock(_ place: Place) {
    // Pairs with the exchange in `take`.
    place.pointee.word.store(0, ordering: .releasing)
    if wantsSomething(place) { wakeOne(place) }
  }

  @inlinable @inline(__always)  // One load.
  static func wantsSomething(_ place: Place) -> Bool {
    Int32(bitPattern: place.pointee.wishes.load(ordering: .relaxed)) > 0
  }

  /// For a lock that its holder is likely to take again at once; it may learn to stay away for longer.
  @inlinable static var pauseOfOne: Int { 256 }
  /// For one lock of many: whoever loses it goes on to another one, and may hold something that others want meanwhile.
  @inlinable static var pauseOfMany: Int { 32 }

  /// Takes the lock if it is free.
  @inlinable @inline(__always)  // One exchange.
  static func take(_ place: Place) -> Bool {
    // Acquires what the last holder did. Pairs with the store in `unlock`.
    place.pointee.word.compareExchange(
      expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  @usableFromInline @inline(never)
  static func lockSlowly(
    _ place: Place, _ shortestPause: Int, _ isFutile: UnsafeMutablePointer<Atomic<Bool>>? = nil
  ) -> Bool {
    let arrival = Moment.now.nanoseconds
    let pause = max(Int(place.pointee.pause.load(ordering: .relaxed)), shortestPause)
    let longest = shortestPause == pauseOfOne ? longestPause : longestPauseOfMany
    var end = look(place, pause, longest, isFutile)
    // To stay away was of no use, unless the lock is taken below.
    var next = max(pause / 2, shortestPause)
    if end == .taken {
      // Looked at now, not on arrival: who took it then had no time to say so, perhaps.
      let sinceTaken = UInt32(truncatingIfNeeded: arrival) &- place.pointee.takenAt.load(ordering: .relaxed)
      let isWantedBack = Int32(bitPattern: sinceTaken) < soon
      if isWantedBack { next = min(pause * 2, longest) }
    }
    var sleep = patience
    while end == .spent {
      let isImpatient = Moment.now.nanoseconds &- arrival > patience
      end = park(place, isImpatient: isImpatient, sleep) ? .taken : look(place, pause, longest, isFutile)
      sleep = min(sleep * 2, longestSleep)
    }
    if sleep > patience {
      place.pointee.wishes.bitwiseAnd(~waitedLong, ordering: .relaxed)
      // Others may be parked: the next one is woken when this thread unlocks.
      place.pointee.wishes.bitwiseOr(wake, ordering: .sequentiallyConsistent)
    }
    if end == .futile {
      if wantsSomething(place) {
        // Whoever unlocked may have left it to this thread to take the lock.
        SystemCall.processBarrier()
        if place.pointee.word.load(ordering: .relaxed) == 0 { wakeOne(place) }
      }
      return false
    }
    place.pointee.pause.store(UInt32(next), ordering: .relaxed)
    place.pointee.takenAt.store(UInt32(truncatingIfNeeded: Moment.now.nanoseconds), ordering: .relaxed)
    return true
  }

  private enum LookEnd { case taken, futile, spent }

  /// Looks at the lock now and then.
  private static func look(
    _ place: Place, _ first: Int, _ longest: Int, _ isFutile: UnsafeMutablePointer<Atomic<Bool>>?
  ) -> LookEnd {
    place.pointee.wishes.wrappingSubtract(looking, ordering: .relaxed)
    defer { place.pointee.wishes.wrappingAdd(looking, ordering: .sequentiallyConsistent) }
    var pause = first
    var spent = 0
    while spent < first + leastSpin {
      // Away from the word, so that its line stays with the holder, who may finish and come again meanwhile.
      var left = pause
      while left > 0 {
        rest(min(left, 1024))
        left -= 1024
        if let isFutile, isFutile.pointee.load(ordering: .relaxed) { return .futile }
      }
      // Whoever has waited long comes first.
      if place.pointee.wishes.load(ordering: .relaxed) & waitedLong != 0 { return .spent }
      // Often, then, as the holder is between two operations for a small part of the time.
      for _ in 0..<16 {
        if place.pointee.word.load(ordering: .relaxed) == 0, take(place) { return .taken }
        rest(64)
      }
      spent += pause
      pause = min(pause * 2, longest)
    }
    // The holder has no core, perhaps. It is given this one; that is cheaper for both than to be parked and woken.
    for _ in 0..<yields {
      sched_yield()
      if place.pointee.word.load(ordering: .relaxed) == 0, take(place) { return .taken }
    }
    return .spent
  }

  /// Parks the thread, unless the lock is free: then it takes it.
  ///
  /// - Returns: Whether it has the lock.
  private static func park(_ place: Place, isImpatient: Bool, _ sleep: UInt64) -> Bool {
    let own = isImpatient ? wake | waitedLong : wake
    let wishes = place.pointee.wishes.bitwiseOr(own, ordering: .sequentiallyConsistent).newValue
    SystemCall.processBarrier()
    if take(place) { return true }
    // Not if somebody has seen to the wish meanwhile, for whoever unlocks next knows nothing of it then.
    SystemCall.wait(sleepers(place), while: wishes, atMost: sleep)
    return isImpatient && take(place)
  }

  /// Wakes a thread that is parked; while one has waited long, stays away until the lock is taken, a millisecond at most.
  @usableFromInline @inline(never)
  static func wakeOne(_ place: Place) {
    let wishes = place.pointee.wishes.bitwiseAnd(~wake, ordering: .sequentiallyConsistent).oldValue
    if wishes & wake != 0 { SystemCall.wake(sleepers(place), 1) }
    guard wishes & waitedLong != 0 else { return }
    let end = Moment.now.nanoseconds &+ patience
    while place.pointee.word.load(ordering: .relaxed) == 0 {
      sched_yield()
      if Moment.now.nanoseconds < end { continue }
      place.pointee.wishes.bitwiseAnd(~waitedLong, ordering: .relaxed)
      return
    }
  }

  private static let wake: UInt32 = 1
  private static let waitedLong: UInt32 = 2
  private static let looking: UInt32 = 4

  private static func sleepers(_ place: Place) -> UnsafeMutablePointer<Atomic<UInt32>> {
    UnsafeMutableRawPointer(place).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  /// The longest time away between looks, in steps of ``rest(_:)``; each is twice as long as the one before.
  private static let longestPause = 65536
  private static let longestPauseOfMany = 1024
  /// How many steps a thread looks at least before it gives its core away, and how often it does that before it is parked.
  private static let leastSpin = 16384
  private static let yields = 4
  /// How soon after it was taken a lock counts as fought for, in nanoseconds.
  private static let soon: Int32 = 2000
  /// After how many nanoseconds others stay away for a thread that is parked.
  private static let patience: UInt64 = 1_000_000
  /// After how many nanoseconds a parked thread looks by itself, at most.
  private static let longestSleep: UInt64 = 64_000_000
  /// Never written: a line that every core has.
  private static let quiet = Atomic<UInt32>(0)

  /// Lets a time go by, in steps of a cycle or two, without touching memory that others write.
  static func rest(_ steps: Int) {
    guard steps > 0 else { return }
    for _ in 0..<steps where quiet.load(ordering: .relaxed) != 0 { return }
  }
}
