// SPDX-License-Identifier: Apache-2.0
//
// The slow paths of the lock: a thread looks at it now and then, parks, or is given it; the thread
// that unlocks wakes one or hands the lock over.

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
    // To stay away was of no use, unless the lock is taken below.
    var next = max(pause / 2, shortestPause)
    if end == .taken {
      // Looked at now, not on arrival: who took it then had no time to say so, perhaps.
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

  /// Looks at the lock now and then.
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
      // Away from the word, so that its line stays with the holder, who may finish and come again
      // meanwhile.
      var left = pause
      while left > 0 {
        rest(min(left, 1024))
        left -= 1024
        if let isCancelled, isCancelled.pointee.load(ordering: .relaxed) { return .cancelled }
      }
      for poll in 0..<polls {
        if takeAmongWaiting(lock, bits) { return .taken }
        // The holder is between two operations for a small part of the time. From now on it stays
        // away after the one in progress.
        if poll == pollsInPassing { want(lock) }
        rest(64)
      }
      spent += pause
      pause = min(pause * 2, longest)
      // Whoever is registered comes first.
      if lock.pointee.word.load(ordering: .relaxed) >= registered { return .spent }
    }
    // The holder has no core, perhaps. It is given this one; that is cheaper for both than to be
    // parked and woken.
    for _ in 0..<yields {
      sched_yield()
      if takeAmongWaiting(lock, bits) { return .taken }
    }
    return .spent
  }

  /// Keeps those who come from taking the lock in passing, until it is taken.
  private static func want(_ lock: Pointer) {
    let word = lock.pointee.word.load(ordering: .relaxed)
    guard word & (held | wanted) == held, word < registered else { return }
    // It fails when the holder unlocks just now. Then the thread marks it after its next time away.
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
    // Read before the wish to be woken can be seen, so that a wake-up after it is not slept
    // through.
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
    // Others may be parked, who have been left to this thread.
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

  /// Hands the lock, which the caller has let go of, to a registered thread or wakes one that is
  /// parked.
  @usableFromInline @inline(never)
  static func unlockSlowly(_ lock: Pointer) {
    while true {
      let word = lock.pointee.word.load(ordering: .relaxed)
      // Whoever took it meanwhile sees to the rest. Who wants it is looking.
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

  /// Leaves a wake-up that a thread has no use for to another one.
  private static func passOn(_ lock: Pointer) {
    while true {
      let word = lock.pointee.word.load(ordering: .relaxed)
      // Whoever unlocks wakes the next one.
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
