// SPDX-License-Identifier: Apache-2.0
//
// What the read-mostly model promises beyond the others: readers never wait, changes of many keys at once, bounded memory.

import Foundation
import Synchronization
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct ReadMostlyTests {
    @Test("a reader does not wait for a writer that is inside")
    func readersDoNotWait() async {
      let dictionary = ReadMostlyDictionary([1: 1, 2: 2])
      let isWriting = Flag()
      let hasRead = Flag()
      // The writer stays inside until the reader is done: a reader that waits would never end this.
      await Team.run(2) { thread in
        if thread == 0 {
          dictionary.withValue(forKey: 1, default: 0) { value in
            isWriting.set()
            hasRead.wait()
            value = 10
          }
        } else {
          isWriting.wait()
          for _ in 0..<1000 where dictionary[1] != 1 || dictionary[2] != 2 { return }
          hasRead.set()
        }
      }
      #expect(dictionary[1] == 10)
    }

    @Test("a reader sees a change of many keys whole or not at all")
    func exclusiveChangesAreWhole() async {
      let dictionary = ReadMostlyDictionary(Dictionary(uniqueKeysWithValues: (0..<50).map { ($0, 0) }))
      let isDone = Flag()
      let wrong = Atomic<Int>(0)
      await Team.run(3) { thread in
        if thread == 0 {
          for number in 1...300 {
            dictionary.withExclusive { elements in for key in 0..<50 { elements[key] = number } }
          }
          isDone.set()
        } else {
          while !isDone.isSet {
            // The second read begins after the first: it may be newer, never older.
            let first = dictionary[49] ?? -1
            let second = dictionary[0] ?? -1
            if second < first { wrong.add(1, ordering: .relaxed) }
          }
        }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
    }

    @Test("a borrowed value lives while it is borrowed, though it was replaced many times")
    func borrowing() async {
      let counter = LifeCounter()
      let dictionary = ReadMostlyDictionary<Int, Counted>()
      dictionary.updateValue(counter.make(1), forKey: 1)
      let isBorrowed = Flag()
      let isReplaced = Flag()
      let wasWhole = Atomic<Bool>(false)
      await Team.run(2) { thread in
        if thread == 0 {
          dictionary.withBorrowedValue(forKey: 1) { value in
            isBorrowed.set()
            isReplaced.wait()
            wasWhole.store(value.isWhole && value.number == 1, ordering: .relaxed)
          }
        } else {
          isBorrowed.wait()
          for number in 2...(2 * ReadMostlyDictionary<Int, Counted>.reclaimBatch) {
            dictionary.updateValue(counter.make(number), forKey: 1)
          }
          isReplaced.set()
        }
      }
      let whole = wasWhole.load(ordering: .relaxed)
      #expect(whole)
      #expect(dictionary.withBorrowedValue(forKey: 2) { _ in 1 } == nil)
      dictionary.reclaim()
      #expect(counter.alive == 1)
    }

    @Test("while a reader stays, no more than the limit is kept, and writers wait beyond it")
    func memoryIsBounded() async {
      typealias Subject = ReadMostlyDictionary<Int, Counted>
      let counter = LifeCounter()
      let dictionary = Subject()
      dictionary.updateValue(counter.make(0), forKey: 0)
      let isReading = Flag()
      let writes = Atomic<Int>(0)
      let most = Atomic<Int>(0)
      let goal = 3 * Subject.unlinkedLimit
      await Team.run(2) { thread in
        if thread == 0 {
          dictionary.withBorrowedValue(forKey: 0) { _ in
            isReading.set()
            // Leaves once the writer has not come on for a while.
            var (last, stays) = (-1, 0)
            while stays < 50 {
              usleep(2000)
              let now = writes.load(ordering: .acquiring)
              stays = now == last && now > Subject.unlinkedLimit / 2 ? stays + 1 : 0
              last = now
            }
            most.store(counter.alive, ordering: .relaxed)
          }
        } else {
          isReading.wait()
          for number in 1...goal {
            dictionary.updateValue(counter.make(number), forKey: 0)
            writes.add(1, ordering: .releasing)
          }
        }
      }
      #expect(writes.load(ordering: .relaxed) == goal, "the writer went on when the reader had left")
      #expect(most.load(ordering: .relaxed) <= Subject.unlinkedLimit + Subject.reclaimBatch + 2)
      #expect(counter.alive <= Subject.unlinkedLimit + Subject.reclaimBatch + 2)
      dictionary.reclaim()
      #expect(counter.alive == 1)
    }

    @Test("threads that end give their records back")
    func recordsAreReused() async {
      let dictionary = ReadMostlyDictionary([1: 1])
      for _ in 0..<3 { await Team.run(4) { _ in _ = dictionary[1] } }
      let before = ThreadRegistry.recordCount
      for _ in 0..<100 { await Team.run(4) { _ in _ = dictionary[1] } }
      // Other tests of the process may make a few of their own meanwhile.
      #expect(ThreadRegistry.recordCount < before + 100)
    }

    @Test("a read inside a read, and a write inside a borrow, are allowed")
    func nesting() {
      let dictionary = ReadMostlyDictionary([1: 1, 2: 2])
      let sum = dictionary.withBorrowedValue(forKey: 1) { one in
        dictionary.updateValue(3, forKey: 3)
        return one + (dictionary[2] ?? 0) + (dictionary[3] ?? 0)
      }
      #expect(sum == 6)
      #expect(dictionary.withValue(forKey: 1, default: 0) { _ in dictionary[1] } == 1)
    }
  }
}
