// SPDX-License-Identifier: Apache-2.0
//
// The operations of every type on one thread, compared with a plain dictionary.

import TestSupport
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct ModelTests {
    private struct Stop: Error {}

    @Test("20,000 random operations agree with Dictionary", arguments: Model.allCases)
    func randomOperations(_ model: Model) {
      check(model.make(Int.self, Int.self), "Int") { $0 }
      check(model.make(String.self, Int.self), "String") { "key \($0)" }
      check(model.make(CollidingKey.self, Int.self), "colliding") { CollidingKey(number: $0 % 40) }
    }

    private func check<Key: Hashable & Sendable>(
      _ dictionary: any ConcurrentDictionary<Key, Int>, _ name: String, _ makeKey: (Int) -> Key
    ) {
      let seed = SeededGenerator.runSeed
      var random = SeededGenerator(seed: seed)
      var plain: [Key: Int] = [:]
      for step in 0..<20_000 {
        let key = makeKey(Int.random(in: 0..<(step < 10_000 ? 50 : 1500), using: &random))
        let context: Comment = "\(name), step \(step), seed \(seed)"
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25: #expect(dictionary.value(forKey: key) == plain[key], context)
        case 25..<30: #expect(dictionary[key] == plain[key], context)
        case 30..<55:
          #expect(dictionary.updateValue(step, forKey: key) == plain.updateValue(step, forKey: key), context)
        case 55..<75: #expect(dictionary.removeValue(forKey: key) == plain.removeValue(forKey: key), context)
        case 75..<85:
          let (inserted, value) = dictionary.insertIfAbsent(step, forKey: key)
          #expect(inserted == (plain[key] == nil), context)
          if inserted { plain[key] = step }
          #expect(value == plain[key], context)
        case 85..<96:
          let result = dictionary.withValue(forKey: key, default: 7) { value in
            value &+= step
            return value
          }
          plain[key, default: 7] &+= step
          #expect(result == plain[key], context)
        case 96: #expect(dictionary.count == plain.count, context)
        case 97: #expect(dictionary.snapshot() == plain, context)
        default:
          let divisor = Int.random(in: 2...9, using: &random)
          let before = plain.count
          plain = plain.filter { !$0.value.isMultiple(of: divisor) }
          #expect(dictionary.removeAll { $0.value.isMultiple(of: divisor) } == before - plain.count, context)
        }
      }
      #expect(dictionary.snapshot() == plain)
    }

    @Test("withValue runs its closure once and keeps what it left when it throws", arguments: Model.allCases)
    func withValueThrows(_ model: Model) {
      let dictionary = model.make(String.self, [Int].self)
      var runs = 0
      #expect(throws: Stop.self) {
        try dictionary.withValue(forKey: "a", default: [1]) { value in
          runs += 1
          value.append(2)
          throw Stop()
        }
      }
      #expect(runs == 1)
      #expect(dictionary["a"] == [1, 2])
      var defaults = 0
      func makeDefault() -> [Int] {
        defaults += 1
        return []
      }
      dictionary.withValue(forKey: "a", default: makeDefault()) { $0.append(3) }
      #expect(defaults == 0, "the default is not made for a key that has a value")
      #expect(dictionary["a"] == [1, 2, 3])
    }

    @Test("removeAll removes nothing when its closure throws", arguments: Model.allCases)
    func removeAllThrows(_ model: Model) {
      let dictionary = model.make(Int.self, Int.self)
      for key in 0..<100 { dictionary.updateValue(key, forKey: key) }
      var calls = 0
      #expect(throws: Stop.self) {
        try dictionary.removeAll { _ in
          calls += 1
          if calls == 60 { throw Stop() }
          return true
        }
      }
      #expect(dictionary.count == 100)
    }

    @Test("a snapshot does not change with the dictionary", arguments: Model.allCases)
    func snapshotIsAValue(_ model: Model) {
      let dictionary = model.make(Int.self, Int.self)
      for key in 0..<100 { dictionary.updateValue(key, forKey: key) }
      let snapshot = dictionary.snapshot()
      for key in 0..<100 { dictionary.updateValue(-1, forKey: key) }
      #expect(snapshot == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, $0) }))
    }

    @Test("the models can be made from a plain dictionary and changed as a whole where they offer it")
    func wholeDictionaries() async {
      let plain = ["a": 1, "b": 2]
      let locked = LockedDictionary(plain)
      let readWrite = ReadWriteDictionary(plain)
      let readMostly = ReadMostlyDictionary(plain)
      let serial = SerialDictionary(plain)
      #expect(ShardedDictionary(plain, shards: 3).snapshot() == plain)
      #expect(ShardedDictionary<Int, Int>(shards: 3).shardCount == 4)
      locked.withExclusive { swapAll(&$0) }
      readWrite.withExclusive { swapAll(&$0) }
      readMostly.withExclusive { swapAll(&$0) }
      await serial.withExclusive { swapAll(&$0) }
      let swapped = ["a": 2, "b": 1, "c": 3]
      #expect(locked.snapshot() == swapped)
      #expect(readWrite.withShared { $0 } == swapped)
      #expect(readMostly.snapshot() == swapped)
      #expect(await serial.snapshot() == swapped)
      #expect(await serial["c"] == 3)
    }
  }
}

private func swapAll(_ elements: inout [String: Int]) {
  elements = ["a": elements["b"] ?? 0, "b": elements["a"] ?? 0, "c": 3]
}
