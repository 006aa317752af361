// SPDX-License-Identifier: Apache-2.0
//
// The additional promises of ReadMostlyDictionary: readers never wait, changes of many keys at
// once, bounded memory.

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
      // The writer stays inside until the reader has finished: with a reader that waits, this test
      // would never end.
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

    /// A key whose `==` waits, so that a look-up stays inside its read section.
    private struct SlowKey: Hashable, Sendable {
      var number: Int
      var gate: Gate?

      static func == (one: SlowKey, other: SlowKey) -> Bool {
        if let gate = one.gate ?? other.gate {
          gate.isInside.set()
          gate.mayLeave.wait()
        }
        return one.number == other.number
      }
      func hash(into hasher: inout Hasher) { hasher.combine(number) }
    }

    private final class Gate: Sendable {
      let isInside = Flag()
      let mayLeave = Flag()
    }

    @Test("while a look-up stays, no more than the limit is kept, and writers wait beyond it")
    func memoryIsBounded() async {
      typealias Subject = ReadMostlyDictionary<SlowKey, Counted>
      let counter = LifeCounter()
      let dictionary = Subject()
      dictionary.updateValue(counter.make(0), forKey: SlowKey(number: 0))
      let gate = Gate()
      let writes = Atomic<Int>(0)
      let most = Atomic<Int>(0)
      let goal = 3 * Subject.unlinkedLimit
      await Team.run(3) { thread in
        switch thread {
        case 0: _ = dictionary.value(forKey: SlowKey(number: 0, gate: gate))
        case 1:
          gate.isInside.wait()
          // Lets the reader leave when the writer has made no progress for a while.
          var (last, stays) = (-1, 0)
          while stays < 50 {
            usleep(2000)
            let now = writes.load(ordering: .acquiring)
            stays = now == last && now > Subject.unlinkedLimit / 2 ? stays + 1 : 0
            last = now
          }
          most.store(counter.alive, ordering: .relaxed)
          gate.mayLeave.set()
        default:
          gate.isInside.wait()
          for number in 1...goal {
            dictionary.updateValue(counter.make(number), forKey: SlowKey(number: 0))
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

    @Test("a closure that borrows a value keeps that value and nothing else, and may write as much as it likes")
    func borrowKeepsOneValue() {
      typealias Subject = ReadMostlyDictionary<Int, Counted>
      let counter = LifeCounter()
      let dictionary = Subject()
      dictionary.updateValue(counter.make(0), forKey: 0)
      dictionary.withBorrowedValue(forKey: 0) { value in
        for number in 1...(4 * Subject.unlinkedLimit) { dictionary.updateValue(counter.make(number), forKey: 0) }
        #expect(counter.alive <= Subject.reclaimBatch + 2)
        dictionary.reclaim()
        #expect(counter.alive == 2, "the value of the moment and the one that is lent")
        #expect(value.isWhole && value.number == 0)
      }
      dictionary.reclaim()
      #expect(counter.alive == 1)
    }

    @Test("closures inside each other keep their values, however deep")
    func nestedBorrows() {
      let counter = LifeCounter()
      let dictionary = ReadMostlyDictionary<Int, Counted>()
      func borrow(_ depth: Int) {
        dictionary.updateValue(counter.make(depth), forKey: 0)
        dictionary.withBorrowedValue(forKey: 0) { value in
          if depth < 12 { borrow(depth + 1) }
          for number in 0..<100 { dictionary.updateValue(counter.make(number), forKey: 0) }
          dictionary.reclaim()
          #expect(value.isWhole && value.number == depth)
        }
      }
      borrow(0)
      dictionary.reclaim()
      #expect(counter.alive == 1)
    }

    @Test("the bytes of tables that wait for readers are bounded")
    func tablesAreBounded() {
      let count = 20_000
      let dictionary = ReadMostlyDictionary(Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, $0) }))
      dictionary.withBorrowedValue(forKey: count - 1) { _ in
        for key in 0..<200 {
          dictionary.removeAll { $0.key == key }
          let (waiting, tables) = dictionary.writer.withLock(0) { ($0.unlinked.bytes, $0.unlinked.tables.count) }
          if waiting > ReadMostlyDictionary<Int, Int>.unlinkedByteLimit || tables > 1 {
            Issue.record("\(waiting) bytes in \(tables) tables wait after \(key + 1) removals")
            return
          }
        }
      }
      #expect(dictionary.count == count - 200)
    }

    @Test("a table shrinks when its elements are removed, one by one or all at once")
    func tablesShrink() {
      func places(_ dictionary: ReadMostlyDictionary<Int, Int>) -> Int {
        dictionary.writer.withLock(0) { $0.table.mask + 1 }
      }
      let elements = Dictionary(uniqueKeysWithValues: (0..<10_000).map { ($0, $0) })
      let one = ReadMostlyDictionary(elements)
      let before = places(one)
      for key in 0..<10_000 { one.removeValue(forKey: key) }
      #expect(before >= 10_000 && places(one) <= 16)
      let all = ReadMostlyDictionary(elements)
      all.removeAll { _ in true }
      #expect(places(all) == 8)
      #expect(all[1] == nil && one[1] == nil)
    }

    @Test("a child of a fork does not wait for the parent's readers")
    func childOfAFork() async {
      let gate = Gate()
      let parent = ReadMostlyDictionary<SlowKey, Int>([SlowKey(number: 0): 0])
      let status = Guarded<Int32>(-1)
      await Team.run(2) { thread in
        if thread == 0 {
          _ = parent.value(forKey: SlowKey(number: 0, gate: gate))
          return
        }
        gate.isInside.wait()
        // Found through the loader, because Swift does not import `fork`.
        guard let address = dlsym(nil, "fork") else { return gate.mayLeave.set() }
        let fork = unsafeBitCast(address, to: (@convention(c) () -> pid_t).self)
        let child = fork()
        if child == 0 {
          alarm(60)
          let dictionary = ReadMostlyDictionary<Int, Int>()
          for number in 0..<20_000 { dictionary.updateValue(number, forKey: number & 7) }
          dictionary.reclaim()
          _exit(dictionary[7] == 19_999 ? 17 : 18)
        }
        var end: Int32 = 0
        while waitpid(child, &end, 0) < 0, errno == EINTR {}
        status.withLock { $0 = end }
        gate.mayLeave.set()
      }
      #expect(status.withLock { $0 } == 17 << 8, "the child ended by itself, with its own table right")
    }

    @Test("threads that end give their records back")
    func recordsAreReused() async {
      let dictionary = ReadMostlyDictionary([1: 1])
      for _ in 0..<3 { await Team.run(4) { _ in _ = dictionary[1] } }
      let before = ThreadRegistry.recordCount
      for _ in 0..<100 { await Team.run(4) { _ in _ = dictionary[1] } }
      // Other tests of the process may create a few meanwhile.
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
