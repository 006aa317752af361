// SPDX-License-Identifier: Apache-2.0
//
// The mutex's promise beyond exclusion: a waiting thread gets the lock, even when other threads
// retake it eagerly.

import Foundation
import Synchronization
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct LockTests {
    /// The greatest number of times that other threads took the lock while one thread waited for
    /// it.
    ///
    /// - Parameters:
    ///   - others: Threads that hold the lock for a time and take it again at once.
    ///   - duration: The time for which they hold it.
    private func mostTurns(of others: Int, holdingFor duration: Duration) async -> Int {
      let turns = Guarded(0)
      let begun = Tally()
      let isDone = Flag()
      let most = Guarded(0)
      await Team.run(others + 1) { thread in
        if thread > 0 {
          while !isDone.isSet {
            turns.withLock { turns in
              turns += 1
              begun.add()
              let end = ContinuousClock.now.advanced(by: duration)
              while ContinuousClock.now < end {}
            }
          }
          return
        }
        while begun.value == 0 { sched_yield() }
        for _ in 0..<50 {
          let before = begun.value
          let waited = turns.withLock { $0 - before }
          most.withLock { $0 = max($0, waited) }
        }
        isDone.set()
      }
      return most.withLock { $0 }
    }

    @Test("a thread gets the lock from others that hold it long and take it again at once", arguments: [1, 3])
    func patienceEnds(others: Int) async {
      // Usually a handful. If the other threads did not stay away, sometimes thousands: each time
      // the thread was woken, the lock was held again.
      #expect(await mostTurns(of: others, holdingFor: .microseconds(300)) < 2000)
    }

    @Test("who unlocks does not take the lock in passing from a thread that has marked it as wanted")
    func wantedLockIsLeft() async {
      let value = Guarded(0)
      // As long as the value, of which it is a part.
      nonisolated(unsafe) let lock = value.value.lock(0)
      let isHeld = Flag()
      let taken = Tally()
      await Team.run(2) { thread in
        if thread == 0 {
          Lock.lock(lock)
          isHeld.set()
          while lock.pointee.word.load(ordering: .acquiring) & Lock.wanted == 0 { sched_yield() }
          Lock.unlock(lock)
          // The other one has it, or is about to.
          if Lock.take(lock) { taken.add() }
        } else {
          isHeld.wait()
          Lock.lock(lock)
          // Left to the thread above, whose attempt must fail whenever it comes.
        }
      }
      #expect(taken.value == 0)
      Lock.unlock(lock)
    }

    @Test("threads that have waited a millisecond are given the lock in the order in which they registered")
    func registeredThreadsAreServedInOrder() async {
      let value = Guarded<[Int]>([])
      let count = 40
      // Valid as long as the value, of which it is a part.
      nonisolated(unsafe) let lock = value.value.lock(0)
      @Sendable func registered() -> Int { Int(lock.pointee.word.load(ordering: .acquiring) / Lock.registered) }
      let isHeld = Flag()
      await Team.run(count + 1) { thread in
        if thread == 0 {
          value.withLock { _ in
            isHeld.set()
            while registered() < count { usleep(100) }
          }
        } else {
          isHeld.wait()
          // One after the other: each begins when the previous one has registered.
          while registered() < thread - 1 { usleep(100) }
          // Its ticket follows a moment later.
          while lock.pointee.tickets.load(ordering: .acquiring) < UInt32(thread - 1) { usleep(100) }
          value.withLock { $0.append(thread) }
        }
      }
      #expect(value.withLock { $0 } == Array(1...count))
    }

    @Test("whoever unlocks wakes a thread that is parked")
    func parkedThreadIsWoken() async {
      let value = Guarded(0)
      let unlockedAt = Atomic<UInt64>(0)
      let held = Tally()
      let taken = Tally()
      let waits = Guarded<[UInt64]>([])
      await Team.run(2) { thread in
        for number in 0..<7 {
          if thread == 0 {
            value.withLock { _ in
              held.add()
              // Without a wake-up the thread would look again after 60 ms more.
              usleep(66_000)
              unlockedAt.store(Moment.now.nanoseconds, ordering: .releasing)
            }
            while taken.value <= number { usleep(10) }
          } else {
            while held.value <= number { sched_yield() }
            value.withLock { $0 += 1 }
            let wait = Moment.now.nanoseconds - unlockedAt.load(ordering: .acquiring)
            waits.withLock { $0.append(wait) }
            taken.add()
          }
        }
      }
      let median = waits.withLock { $0.sorted()[$0.count / 2] }
      #expect(median < 30_000_000)
    }
  }
}
