// SPDX-License-Identifier: Apache-2.0
//
// Keys that do not equal themselves, as `Double.nan`: they are no key's equal, as in a
// `Dictionary`, and do no harm.

import TestSupport
import Testing

@testable import ConcurrentCollections

/// Threads' forms of the locks, for tests that are asynchronous.
private func holdUnequal(_ locks: KeyLocks<Double>) -> Int {
  var calls = 0
  locks.withLock(.nan) { calls += locks.heldKeys }
  locks.withSharedLock(.nan) { calls += locks.heldKeys }
  locks.withLocks(.nan, .nan) { calls += locks.heldKeys }
  _ = locks.withLockIfAvailable(.nan) { calls += locks.heldKeys }
  return calls
}

extension ConcurrentCollectionsTests {
  @Suite struct UnequalKeysTests {
    @Test("removals by a condition find them and destroy them, once", arguments: Model.allCases)
    func removals(_ model: Model) {
      let counter = LifeCounter()
      let dictionary = model.make(Double.self, Counted.self)
      for unequal in [1, 3, 40] {
        for number in 0..<10 { dictionary.updateValue(counter.make(number), forKey: Double(number)) }
        for number in 0..<unequal { dictionary.updateValue(counter.make(number), forKey: .nan) }
        #expect(dictionary[.nan] == nil)
        #expect(dictionary.removeValue(forKey: .nan) == nil)
        #expect(dictionary.count == 10 + unequal)
        #expect(dictionary.removeAll { $0.key.isNaN } == unequal)
        #expect(dictionary.count == 10)
        #expect((0..<10).allSatisfy { dictionary[Double($0)]?.number == $0 })
        for number in 0..<unequal { dictionary.updateValue(counter.make(number), forKey: .nan) }
        #expect(dictionary.removeAll { $0.key < 3 } == 3)
        #expect(dictionary.count == 7 + unequal)
        #expect(dictionary.removeAll() == 7 + unequal)
      }
      if let readMostly = dictionary as? ReadMostlyDictionary<Double, Counted> { readMostly.reclaim() }
      #expect(counter.alive == 0)
    }

    @Test("an actor's removals by a condition find them")
    func serial() async {
      let dictionary = SerialDictionary<Double, Int>()
      for number in 0..<10 { await dictionary.updateValue(number, forKey: Double(number)) }
      for number in 0..<3 { await dictionary.updateValue(number, forKey: .nan) }
      #expect(await dictionary.removeAll { $0.key.isNaN } == 3)
      #expect(await dictionary.snapshot().count == 10)
    }

    @Test("removals of any part of a full table leave the rest where it can be found")
    func parts() {
      var random = SeededGenerator(seed: SeededGenerator.runSeed)
      for round in 0..<300 {
        let dictionary = ShardedDictionary<CollidingKey, Int>(shards: 1)
        let kept = Int.random(in: 0..<8, using: &random)
        for number in 0..<Int.random(in: 1..<60, using: &random) {
          dictionary.updateValue(number, forKey: CollidingKey(number: number))
        }
        let all = dictionary.snapshot()
        let rest = all.filter { $0.value % 8 <= kept }
        let context: Comment = "round \(round), seed \(SeededGenerator.runSeed)"
        #expect(dictionary.removeAll { $0.value % 8 > kept } == all.count - rest.count, context)
        #expect(dictionary.snapshot() == rest, context)
        #expect(rest.allSatisfy { dictionary[$0.key] == $0.value }, context)
      }
    }

    @Test("nobody waits for such a key, and it is given back")
    func locks() async throws {
      let locks = KeyLocks<Double>(stripes: 1)
      #expect(holdUnequal(locks) == 1 + 1 + 2 + 1)
      #expect(locks.heldKeys == 0)
      let isInside = Flag()
      let mayLeave = Flag()
      let first = Task {
        try await locks.withAsyncLock(.nan) {
          isInside.set()
          #expect(await mayLeave.waitAsync())
        }
      }
      #expect(await isInside.waitAsync())
      #expect(try await locks.withAsyncLock(.nan) { locks.heldKeys } == 2)
      #expect(try await locks.withAsyncLock(1) { locks.heldKeys } == 2)
      mayLeave.set()
      try await first.value
      #expect(locks.heldKeys == 0)
    }

    @Test("a safe dictionary with limits does not keep them, and nothing of a load of theirs is left")
    func safe() async throws {
      let base = LockedDictionary<Double, Int>()
      let dictionary = SafeDictionary(
        base, configuration: SafeDictionaryConfiguration(maximumCount: 2, lifetime: .seconds(3600)))
      for number in 0..<100 { try await dictionary.updateValue(number, forKey: .nan) }
      for number in 0..<5 { try await dictionary.updateValue(number, forKey: Double(number)) }
      #expect(base.count == 2)
      #expect(dictionary.statistics.evictions == 103)
      #expect(try await dictionary.purgeExpired() == 0)
      #expect(try await dictionary.value(forKey: .nan) { _ in 7 } == 7)
      #expect(dictionary.flights.isEmpty)
      #expect(base.count == 2)
      #expect(dictionary.locks.heldKeys == 0)

      let unlimited = SafeDictionary(LockedDictionary<Double, Int>())
      try await unlimited.updateValue(1, forKey: .nan)
      #expect(try await unlimited.value(forKey: .nan) == nil)
      #expect(try await unlimited.count() == 1)
      #expect(try await unlimited.removeAll() == 1)
    }
  }
}
