// SPDX-License-Identifier: Apache-2.0
//
// The additional promises of ReadWriteDictionary: readers run in parallel, and no thread starves.

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct ReadWriteTests {
    @Test("readers are inside at one time")
    func readersOverlap() async {
      // Repeated, because the first readers of a new one convert it to a plain dictionary, in
      // parallel.
      for _ in 0..<100 {
        let dictionary = ReadWriteDictionary([1: 1])
        let inside = Barrier(3)
        // Each reader waits inside until all are inside: with readers one after the other this
        // would never end.
        await Team.run(3) { _ in dictionary.withShared { _ in inside.wait() } }
      }
    }

    @Test("a writer gets in while readers come without a pause")
    func writersAreNotStarved() async {
      let dictionary = ReadWriteDictionary([1: 0])
      let isDone = Flag()
      await Team.run(5) { thread in
        if thread == 0 {
          for number in 1...200 { dictionary.updateValue(number, forKey: 1) }
          isDone.set()
        } else {
          // At any moment some reader is inside, and stays for a while.
          while !isDone.isSet { dictionary.withShared { _ in for _ in 0..<5 { sched_yield() } } }
        }
      }
      #expect(dictionary[1] == 200)
    }

    @Test("readers get in while writers come without a pause")
    func readersAreNotStarved() async {
      let dictionary = ReadWriteDictionary([1: 0])
      let isDone = Flag()
      await Team.run(5) { thread in
        if thread == 0 {
          for _ in 0..<200 { _ = dictionary.value(forKey: 1) }
          isDone.set()
        } else {
          while !isDone.isSet { dictionary.withValue(forKey: 1, default: 0) { $0 += 1 } }
        }
      }
      #expect(isDone.isSet)
    }

    @Test("many writes make reads take turns, many reads share them again, and long reads are beside others throughout")
    func sharingFollowsTraffic() async {
      let dictionary = ReadWriteDictionary([1: 0])
      func areShared() -> Bool { dictionary.elements.sharing.areShared }
      dictionary.updateValue(1, forKey: 1)
      #expect(!areShared())
      let inside = Barrier(2)
      await Team.run(2) { _ in dictionary.withShared { _ in inside.wait() } }
      #expect(!areShared())
      // Short reads continue beside a long one.
      let isInside = Flag()
      let isDone = Flag()
      await Team.run(2) { thread in
        if thread == 0 {
          dictionary.withShared { _ in
            isInside.set()
            isDone.wait()
          }
        } else {
          isInside.wait()
          for _ in 0..<10 { #expect(dictionary.value(forKey: 1) == 1) }
          isDone.set()
        }
      }
      // A single reader does not turn sharing on; several that meet do.
      for _ in 0..<5000 { #expect(dictionary.value(forKey: 1) == 1) }
      #expect(!areShared())
      await Team.run(4) { _ in
        let end = ContinuousClock.now.advanced(by: .seconds(60))
        while !dictionary.elements.sharing.areShared, ContinuousClock.now < end { _ = dictionary.value(forKey: 1) }
      }
      #expect(areShared())
      dictionary.updateValue(2, forKey: 1)
      #expect(!areShared())
    }

    @Test("readers see whole writes, and writers each other's, while sharing comes and goes")
    func sharingComesAndGoes() async {
      let pair = ReadWriteLocked<(Int, Int)> { (0, 0) }
      let torn = Tally()
      let written = Tally()
      await Team.run(4) { thread in
        var random = SeededGenerator(seed: UInt64(thread))
        for _ in 0..<100_000 {
          switch UInt8.random(in: 0..<8, using: &random) {
          case 0:
            pair.writing { pair in
              pair.0 += 1
              pair.1 += 1
            }
            written.add()
          case 1:
            // The next short read that has to wait turns sharing on again.
            pair.writing { _ in pair.sharing.signs.pointer(0).pointee.quietWanted.store(0, ordering: .relaxed) }
          case 2: if pair.readingLong({ $0.pointee.0 != $0.pointee.1 }) { torn.add() }
          default: if pair.reading({ $0.pointee.0 != $0.pointee.1 }) { torn.add() }
          }
        }
      }
      #expect(torn.value == 0)
      #expect(pair.reading { $0.pointee } == (written.value, written.value))
    }

    @Test("readers find the value where writers put it, whatever its alignment")
    func valueIsFound() {
      func check<Value: Equatable>(_ value: Value) {
        let locked = ReadWriteLocked { value }
        #expect(locked.reading { $0.pointee } == value)
        #expect(locked.writing { $0 } == value)
      }
      check(UInt8(1))
      check(UInt16(2))
      check(UInt32(3))
      check(SIMD2<Double>(4, 5))
    }

    @Test("a writer waits for a reader that sleeps, without taking a core")
    func writerSleeps() async {
      let dictionary = ReadWriteDictionary([1: 0])
      let isReading = Flag()
      let order = Guarded<[String]>([])
      await Team.run(2) { thread in
        if thread == 0 {
          dictionary.withShared { _ in
            isReading.set()
            usleep(100_000)
            order.withLock { $0.append("read") }
          }
        } else {
          isReading.wait()
          var before = timespec()
          clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before)
          dictionary.updateValue(1, forKey: 1)
          var after = timespec()
          clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after)
          let used = (after.tv_sec - before.tv_sec) * 1_000_000 + (after.tv_nsec - before.tv_nsec) / 1000
          order.withLock { $0.append(used < 50_000 ? "written" : "written after spinning for \(used) µs") }
        }
      }
      #expect(order.withLock { $0 } == ["read", "written"])
    }
  }
}
