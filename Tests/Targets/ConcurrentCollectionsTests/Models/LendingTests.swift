// SPDX-License-Identifier: Apache-2.0
//
// The types that lend their plain dictionary: it is the same one in which single keys are changed.

import Synchronization
import TestSupport
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct LendingTests {
    @Test("random operations agree with Dictionary while the plain dictionary is lent now and then")
    func randomOperations() {
      let counter = LifeCounter()
      do {
        let locked = LockedDictionary<String, Counted>()
        let readWrite = ReadWriteDictionary<String, Counted>()
        check(locked, counter) { locked.withExclusive { $0["lent"] = nil } }
        check(readWrite, counter) { readWrite.withExclusive { $0["lent"] = nil } }
        check(readWrite, counter) { _ = readWrite.withShared { $0.count } }
      }
      #expect(counter.alive == 0, "nothing outlives the dictionaries")
    }

    private func check(
      _ dictionary: any ConcurrentDictionary<String, Counted>, _ counter: LifeCounter, _ lend: () -> Void
    ) {
      let seed = SeededGenerator.runSeed
      var random = SeededGenerator(seed: seed)
      dictionary.removeAll { _ in true }
      var plain: [String: Int] = [:]
      for step in 0..<20_000 {
        let key = "key \(Int.random(in: 0..<60, using: &random))"
        let context: Comment = "\(type(of: dictionary)), step \(step), seed \(seed)"
        switch Int.random(in: 0..<200, using: &random) {
        case 0..<60: #expect(dictionary.value(forKey: key)?.number == plain[key], context)
        case 60..<110:
          #expect(
            dictionary.updateValue(counter.make(step), forKey: key)?.number == plain.updateValue(step, forKey: key),
            context)
        case 110..<140: #expect(dictionary.removeValue(forKey: key)?.number == plain.removeValue(forKey: key), context)
        case 140..<160:
          let present = plain[key]
          #expect(dictionary.insertIfAbsent(counter.make(step), forKey: key).inserted == (present == nil), context)
          plain[key] = present ?? step
        case 160..<190:
          let old = dictionary.withValue(forKey: key, default: counter.make(-1)) { value in
            defer { value = counter.make(step) }
            return value.number
          }
          #expect(old == plain[key] ?? -1, context)
          plain[key] = step
        case 190..<193:
          let kept = plain.filter { !$0.value.isMultiple(of: 3) }
          #expect(dictionary.removeAll { $0.value.number.isMultiple(of: 3) } == plain.count - kept.count, context)
          plain = kept
        case 193..<196: #expect(dictionary.snapshot().mapValues(\.number) == plain, context)
        default: lend()
        }
        #expect(dictionary.count == plain.count, context)
      }
      #expect(counter.alive == plain.count, "only what is in the dictionary is alive")
      dictionary.removeAll { _ in true }
    }

    @Test("readers of the lent dictionary, writers, and snapshots beside each other see whole states")
    func lendingUnderLoad() async {
      let dictionary = ReadWriteDictionary(Dictionary(uniqueKeysWithValues: (0..<30).map { ($0, 0) }))
      let isDone = Flag()
      let torn = Atomic<Int>(0)
      await Team.run(4) { thread in
        switch thread {
        case 0:
          // Each key is written before the next one, so at any moment the numbers decrease at most
          // once, by one.
          for number in 1...600 { for key in 0..<30 { dictionary.updateValue(number, forKey: key) } }
          isDone.set()
        case 1:
          while !isDone.isSet {
            if !dictionary.withShared({ Self.isWhole($0) }) { torn.add(1, ordering: .relaxed) }
          }
        case 2:
          while !isDone.isSet {
            if !Self.isWhole(dictionary.snapshot()) { torn.add(1, ordering: .relaxed) }
          }
        default:
          while !isDone.isSet { dictionary.withExclusive { $0[30] = ($0[30] ?? 0) + 1 } }
        }
      }
      #expect(torn.load(ordering: .relaxed) == 0)
      #expect(dictionary.count == 31)
    }

    private static func isWhole(_ elements: borrowing [Int: Int]) -> Bool {
      let first = elements[0] ?? -1
      var last = first
      for key in 1..<30 {
        let number = elements[key] ?? -1
        if number > last || first - number > 1 { return false }
        last = number
      }
      return true
    }

    @Test("a snapshot of the lent dictionary is not changed by what is written later")
    func snapshotsStay() {
      let dictionary = LockedDictionary([1: 1])
      dictionary.withExclusive { $0[2] = 2 }
      let snapshot = dictionary.snapshot()
      dictionary.updateValue(9, forKey: 1)
      dictionary.withExclusive { $0[3] = 3 }
      #expect(snapshot == [1: 1, 2: 2])
      #expect(dictionary.snapshot() == [1: 9, 2: 2, 3: 3])
    }
  }
}
