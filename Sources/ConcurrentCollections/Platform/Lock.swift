// SPDX-License-Identifier: Apache-2.0
//
// A mutex of 16 bytes. It allocates nothing; a thread that waits long is parked.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
public import Synchronization

/// A mutex whose word is 0 free, 1 held, 2 held and perhaps waited for, 3 held and waited for by somebody who lost patience.
///
/// Source: U. Drepper, "Futexes Are Tricky", 2011, the third mutex, with a spin before the thread is parked.
///
/// Why not `Synchronization.Mutex`: on Linux that is a priority-inheriting futex, which the kernel hands to the thread that waited
/// longest, awake or not. With more threads than cores every operation then waits for a context switch: eight threads writing
/// to one dictionary on two busy cores took 15 to 37 µs an operation with it, and 40 to 80 ns with a lock that whoever is running may
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

  /// The first member, so that it is at the lock's own address.
  @usableFromInline let word = Atomic<UInt32>(0)
  /// How long the thread that waited last stayed away, in steps of ``rest(_:)``.
  @usableFromInline let pause = Atomic<UInt32>(0)
  /// When a thread that had waited last took the lock, in nanoseconds of the monotonic clock.
  private let takenAt = Atomic<UInt64>(0)

  @usableFromInline
  init() {}

  /// Takes a lock.
  ///
  /// - Parameter shortestPause: How long a thread that finds it held stays away if nobody fights for it.
  @inlinable @inline(__always)  // One exchange when nobody else is there.
  static func lock(_ place: Place, shortestPause: Int = pauseOfOne) {
    if isTaken(place) { return }
    _ = lockSlowly(place, shortestPause)
  }

  /// Takes a lock, unless it has to be waited for and somebody says meanwhile that there is no use in it any more.
  ///
  /// - Parameter isFutile: What is looked at while the thread waits, but for the time it is parked.
  /// - Returns: Whether the lock was taken.
  @inlinable @inline(__always)  // One exchange when nobody else is there.
  static func lock(_ place: Place, unless isFutile: UnsafeMutablePointer<Atomic<Bool>>) -> Bool {
    isTaken(place) || lockSlowly(place, pauseOfOne, isFutile)
  }

  @inlinable @inline(__always)  // One exchange when nobody waits.
  static func unlock(_ place: Place) {
    let last = place.pointee.pause.load(ordering: .relaxed) & 0x80000000
    place.pointee.word.store(0, ordering: .releasing)
    if last > 1 { wakeOne(place, last) }
  }

  /// For a lock that its holder is likely to take again at once.
  @inlinable static var pauseOfOne: Int { 256 }
  /// For one lock of many.
  @inlinable static var pauseOfMany: Int { 32 }

  /// Takes the lock if it is free.
  @inlinable @inline(__always)  // One exchange.
  static func isTaken(_ place: Place) -> Bool {
    // Acquires what the last holder did. Pairs with the exchange in `unlock`.
    place.pointee.word.compareExchange(
      expected: 0, desired: 1, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  @usableFromInline @inline(never)
  static func lockSlowly(
    _ place: Place, _ shortestPause: Int, _ isFutile: UnsafeMutablePointer<Atomic<Bool>>? = nil
  ) -> Bool {
    let arrival = now
    let pause = max(Int(place.pointee.pause.load(ordering: .relaxed)), shortestPause)
    var next = shortestPause
    switch spin(place, pause, isFutile) {
    case .taken:
      // Looked at now, not on arrival: who took it then had no time to say so, perhaps.
      let isWantedBack = place.pointee.takenAt.load(ordering: .relaxed) &+ soon > arrival
      next = isWantedBack ? min(pause * 2, longestPause) : max(pause / 2, shortestPause)
    case .futile: return false
    case .spent: park(place, until: arrival &+ patience)  // It is held for long: to stay away was of no use.
    }
    place.pointee.pause.store(UInt32(next), ordering: .relaxed)
    place.pointee.takenAt.store(now, ordering: .relaxed)
    return true
  }

  private enum SpinEnd { case taken, futile, spent }

  /// Looks at the lock now and then.
  private static func spin(_ place: Place, _ first: Int, _ isFutile: UnsafeMutablePointer<Atomic<Bool>>?) -> SpinEnd {
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
      // Often, then, as the holder is between two operations for a small part of the time.
      for _ in 0..<16 {
        if place.pointee.word.load(ordering: .relaxed) == 0, isTaken(place) { return .taken }
        rest(64)
      }
      spent += pause
      pause = min(pause * 2, longestPause)
    }
    // The holder has no core, perhaps. It is given this one; that is cheaper for both than to be parked and woken.
    for _ in 0..<yields {
      sched_yield()
      if place.pointee.word.load(ordering: .relaxed) == 0, isTaken(place) { return .taken }
    }
    return .spent
  }

  /// Takes the lock as soon as whoever unlocks it wakes this thread.
  private static func park(_ place: Place, until end: UInt64) {
    // Whoever has been parked takes the lock as "waited for", as it cannot know whether others still are.
    var mark: UInt32 = 2
    while place.pointee.word.exchange(mark, ordering: .acquiring) != 0 {
      SystemCall.wait(word(place), while: mark)
      if now > end { mark = 3 }
    }
  }

  /// Wakes a thread that is parked; if somebody lost patience, stays away until the lock is taken, a millisecond at most.
  @usableFromInline @inline(never)
  static func wakeOne(_ place: Place, _ last: UInt32) {
    SystemCall.wake(word(place), 1)
    guard last == 3 else { return }
    let end = now &+ patience
    while place.pointee.word.load(ordering: .relaxed) == 0, now < end { sched_yield() }
  }

  private static func word(_ place: Place) -> UnsafeMutablePointer<Atomic<UInt32>> {
    UnsafeMutableRawPointer(place).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  /// The longest time away between looks, in steps of ``rest(_:)``; each is twice as long as the one before.
  private static let longestPause = 65536
  /// How many steps a thread looks at least before it gives its core away, and how often it does that before it is parked.
  private static let leastSpin = 16384
  private static let yields = 4
  /// How soon after it was taken a lock counts as fought for, in nanoseconds.
  private static let soon: UInt64 = 2000
  /// After how many nanoseconds a parked thread loses patience.
  private static let patience: UInt64 = 1_000_000
  /// Never written: a line that every core has.
  private static let quiet = Atomic<UInt32>(0)

  /// Lets a time go by, in steps of a cycle or two, without touching memory that others write.
  static func rest(_ steps: Int) {
    guard steps > 0 else { return }
    for _ in 0..<steps where quiet.load(ordering: .relaxed) != 0 { return }
  }

  static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
