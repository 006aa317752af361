// SPDX-License-Identifier: Apache-2.0
//
// The slow paths of the lock. A waiting thread spins, is parked, or is given the lock; the thread
// that unlocks wakes a parked one or hands the lock over.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
public import Synchronization

extension Lock {
  @usableFromInline @inline(never)
  static func lockSlowly(
    _ lock: Pointer, _ shortestPause: Int, _ isCancelled: UnsafeMutablePointer<Atomic<Bool>>? = nil
  ) -> Bool {
    let arrival = Moment.now.nanoseconds
    let contest = lock.pointee.contest.load(ordering: .relaxed)
    let longest = shortestPause == pauseOfOne ? longestPause : longestPauseOfMany
    let pause = min(max(1 << Int(contest & 31), shortestPause), longest)
    var end = look(lock, pause, longest, isCancelled)
    // The back-off shrinks unless the lock is contended, which is decided below.
    var next = max(pause / 2, shortestPause)
    if end == .taken {
      // Read now, not on arrival: the thread that took the lock then may not have stored its time
      // yet.
      let taken = lock.pointee.contest.load(ordering: .relaxed) >> 5
      let sinceTaken = (UInt32(truncatingIfNeeded: arrival >> 5) &- taken) << 5
      if Int32(bitPattern: sinceTaken) < soon { next = min(pause * 2, longest) }
    }
    var wasParked = false
    while end == .spent {
      let waited = Moment.now.nanoseconds &- arrival
      if waited >= patience {
        waitForGrant(lock, wasParked)
        end = .taken
      } else {
        wasParked = true
        end =
          park(lock, atMost: patience &- waited) ? .taken : look(lock, pause, longest, isCancelled, keeping: parked)
      }
    }
    if end == .cancelled {
      if wasParked { passOn(lock) }
      return false
    }
    let now = UInt32(truncatingIfNeeded: Moment.now.nanoseconds >> 5)
    lock.pointee.contest.store(now << 5 | UInt32(next.trailingZeroBitCount), ordering: .relaxed)
    return true
  }

  private enum LookEnd { case taken, cancelled, spent }

  /// Spins: backs off and polls the word in turn.
  ///
  /// - Parameter keeping: ``parked`` if others may be, so that the next one is woken when this
  ///   thread unlocks.
  private static func look(
    _ lock: Pointer, _ first: Int, _ longest: Int, _ isCancelled: UnsafeMutablePointer<Atomic<Bool>>?,
    keeping bits: UInt32 = 0
  ) -> LookEnd {
    var pause = first
    var spent = 0
    while spent < first + leastSpin {
      // Without reading the word, so that its line stays with the holder, which may finish and
      // return meanwhile.
      var left = pause
      while left > 0 {
        rest(min(left, 1024))
        left -= 1024
        if let isCancelled, isCancelled.pointee.load(ordering: .relaxed) { return .cancelled }
      }
      for poll in 0..<polls {
        if takeAmongWaiting(lock, bits) { return .taken }
        // The lock is free for a small part of the time only. From now on the holder does not
        // retake it after the operation in progress.
        if poll == pollsInPassing { want(lock) }
        rest(64)
      }
      spent += pause
      pause = min(pause * 2, longest)
      // Registered threads come first.
      if lock.pointee.word.load(ordering: .relaxed) >= registered { return .spent }
    }
    // The holder may have no processor. To yield this one is cheaper than to park and be woken.
    for _ in 0..<yields {
      sched_yield()
      if takeAmongWaiting(lock, bits) { return .taken }
    }
    return .spent
  }

  /// Closes the fast path to other threads until the lock is taken.
  private static func want(_ lock: Pointer) {
    let word = lock.pointee.word.load(ordering: .relaxed)
    guard word & (held | wanted) == held, word < registered else { return }
    // It fails when the holder unlocks at this moment; the thread tries again after its next
    // back-off.
    _ = lock.pointee.word.compareExchange(expected: word, desired: word | wanted, ordering: .acquiringAndReleasing)
  }

  /// Takes the lock if it is free, whether or not others are parked.
  private static func takeAmongWaiting(_ lock: Pointer, _ bits: UInt32) -> Bool {
    let word = lock.pointee.word.load(ordering: .relaxed)
    guard word & held == 0, word < registered else { return false }
    // Acquires what the last holder did.
    return lock.pointee.word.compareExchange(
      expected: word, desired: word & ~wanted | held | bits, successOrdering: .acquiring, failureOrdering: .relaxed
    ).exchanged
  }

  /// Parks the thread until it is woken or a time is over, unless the lock is free: then it takes
  /// it.
  ///
  /// - Returns: Whether it has the lock.
  private static func park(_ lock: Pointer, atMost limit: UInt64) -> Bool {
    // Read before ``parked`` is set, so that a wake-up after it is not missed.
    let wakes = lock.pointee.wakes.load(ordering: .acquiring)
    while true {
      let word = lock.pointee.word.load(ordering: .relaxed)
      if word & held == 0, word < registered {
        if takeAmongWaiting(lock, parked) { return true }
      } else if word & parked != 0
        || lock.pointee.word.compareExchange(
          expected: word, desired: word | parked, ordering: .acquiringAndReleasing
        ).exchanged
      {
        break
      }
    }
    SystemCall.wait(wakesWord(lock), while: wakes, atMost: limit)
    return takeAmongWaiting(lock, parked)
  }

  /// Registers the thread and waits until it is given the lock, or takes it if it is free.
  private static func waitForGrant(_ lock: Pointer, _ wasParked: Bool) {
    // Other threads may be parked, and it is this thread's task to have one woken.
    let bits = wasParked ? parked : 0
    while true {
      let word = lock.pointee.word.load(ordering: .relaxed)
      if word & held == 0, word < registered {
        if takeAmongWaiting(lock, bits) { return }
      } else if lock.pointee.word.compareExchange(
        expected: word, desired: (word | bits) &+ registered, ordering: .acquiringAndReleasing
      ).exchanged {
        break
      }
    }
    let ticket = lock.pointee.tickets.wrappingAdd(1, ordering: .relaxed).oldValue
    while true {
      // Acquires what the last holder did. Pairs with the addition in `unlockSlowly`.
      let grants = lock.pointee.grants.load(ordering: .acquiring)
      if Int32(bitPattern: grants &- ticket) > 0 { return }
      SystemCall.wait(grantsWord(lock), while: grants, as: ticket)
    }
  }

  /// Hands the lock, which the caller has released, to a registered thread, or wakes a parked one.
  @usableFromInline @inline(never)
  static func unlockSlowly(_ lock: Pointer) {
    while true {
      let word = lock.pointee.word.load(ordering: .relaxed)
      // A thread that has taken the lock meanwhile does the rest; one that set ``wanted`` polls.
      if word & held != 0 || word & ~wanted == 0 { return }
      if word >= registered {
        let (isHandedOver, _) = lock.pointee.word.compareExchange(
          expected: word, desired: word &- registered | held, ordering: .acquiringAndReleasing)
        guard isHandedOver else { continue }
        // Releases what the holders so far have done.
        let ticket = lock.pointee.grants.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue
        return SystemCall.wake(grantsWord(lock), as: ticket)
      }
      if lock.pointee.word.compareExchange(expected: word, desired: word & wanted, ordering: .acquiringAndReleasing)
        .exchanged
      {
        return wakeOne(lock)
      }
    }
  }

  /// Passes a wake-up on that a cancelled thread does not need.
  private static func passOn(_ lock: Pointer) {
    while true {
      let word = lock.pointee.word.load(ordering: .relaxed)
      // The unlocking thread wakes the next one.
      if word & parked != 0 { return }
      if word & held == 0 { return wakeOne(lock) }
      if lock.pointee.word.compareExchange(expected: word, desired: word | parked, ordering: .acquiringAndReleasing)
        .exchanged
      {
        return
      }
    }
  }

  private static func wakeOne(_ lock: Pointer) {
    lock.pointee.wakes.wrappingAdd(1, ordering: .acquiringAndReleasing)
    SystemCall.wake(wakesWord(lock), 1)
  }

  private static func wakesWord(_ lock: Pointer) -> UnsafeMutablePointer<Atomic<UInt32>> {
    (UnsafeMutableRawPointer(lock) + 4).assumingMemoryBound(to: Atomic<UInt32>.self)
  }

  private static func grantsWord(_ lock: Pointer) -> UnsafeMutablePointer<Atomic<UInt32>> {
    (UnsafeMutableRawPointer(lock) + 8).assumingMemoryBound(to: Atomic<UInt32>.self)
  }
}
