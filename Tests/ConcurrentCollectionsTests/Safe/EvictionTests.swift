// SPDX-License-Identifier: Apache-2.0
//
// Limits on the number of elements and on their age.

import Synchronization
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct EvictionTests {
    @Test("there are never more elements than allowed, and those in use stay")
    func maximumCount() async throws {
      let dictionary = SafeDictionary(
        ShardedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(maximumCount: 100))
      for key in 0..<10 { try await dictionary.updateValue(key, forKey: key) }
      for key in 10..<5000 {
        try await dictionary.updateValue(key, forKey: key)
        for hot in 0..<10 where key.isMultiple(of: 10) { _ = try await dictionary.value(forKey: hot) }
        if key.isMultiple(of: 100) { #expect(try await dictionary.count() <= 100) }
      }
      let left = try await dictionary.snapshot()
      #expect(left.count == 100)
      #expect((0..<10).allSatisfy { left[$0] == $0 }, "keys that are read again and again stay")
      #expect(dictionary.statistics.evictions == 4900)
    }

    @Test("with many tasks the limit is kept, but for one element an operation in progress")
    func maximumCountUnderLoad() async throws {
      let dictionary = SafeDictionary(
        ReadMostlyDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(maximumCount: 50))
      let most = try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<8 {
          group.addTask {
            var most = 0
            for round in 0..<300 {
              try await dictionary.updateValue(round, forKey: round &* 8 &+ task)
              most = max(most, try await dictionary.count())
            }
            return most
          }
        }
        return try await group.reduce(0) { max($0, $1) }
      }
      #expect(most <= 50 + 8)
      #expect(try await dictionary.count() <= 50 + 8)
      for key in 100_000..<100_010 { try await dictionary.updateValue(key, forKey: key) }
      #expect(try await dictionary.count() <= 50)
    }

    @Test("an element is not given out once it is too old, and goes with a later change")
    func lifetime() async throws {
      let dictionary = SafeDictionary(
        LockedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(lifetime: .seconds(2)))
      try await dictionary.updateValue(1, forKey: 1)
      #expect(try await dictionary.value(forKey: 1) == 1)
      try await Task.sleep(for: .milliseconds(2_050))
      #expect(try await dictionary.value(forKey: 1) == nil)
      #expect(try await dictionary.snapshot().isEmpty)
      #expect(try await dictionary.count() == 1, "it is still there")
      #expect(try await dictionary.updateValue(2, forKey: 2) == nil)
      #expect(try await dictionary.count() == 1)
      #expect(dictionary.statistics.expirations == 1)
      #expect(try await dictionary.value(forKey: 1) { _ in 9 } == 9, "what is too old is loaded again")
    }

    @Test("the order of the index: oldest unread first, read ones get a second round")
    func sieve() {
      var index = EvictionIndex<String>(maximumCount: 3, lifetime: nil)
      let now = Moment.now
      for key in ["a", "b", "c", "d"] { index.written(key, at: now) }
      let isYoung = index.read("a", at: now)
      #expect(isYoung)
      var candidate = index.candidate(at: now)
      #expect(candidate?.key == "b")
      let wasRemoved = index.remove("b")
      #expect(wasRemoved)
      candidate = index.candidate(at: now)
      #expect(candidate == nil)
      index.written("e", at: now)
      candidate = index.candidate(at: now)
      #expect(candidate?.key == "c", "the hand goes on where it was")
      candidate = index.candidate(at: now)
      #expect(candidate?.key == "d", "asked again, it names another one")
      index.written("d", at: now)
      let wasRemovedAgain = index.remove("d", ifStamp: candidate?.stamp)
      #expect(!wasRemovedAgain, "a key that was written again is not the one that was named")
      #expect(index.count == 4)
    }

    @Test("an index agrees with itself after 20,000 random changes")
    func randomChanges() {
      var random = SeededGenerator(seed: SeededGenerator.runSeed)
      var index = EvictionIndex<Int>(maximumCount: 40, lifetime: .seconds(30))
      var now = Moment.now
      var written: [Int: Moment] = [:]
      for step in 0..<20_000 {
        now = now.advanced(by: .milliseconds(Int.random(in: 0..<500, using: &random)))
        let key = Int.random(in: 0..<80, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
          index.written(key, at: now)
          written[key] = now
        case 1:
          let isYoung = index.read(key, at: now)
          #expect(isYoung == (written[key].map { now.nanoseconds(since: $0) < 30_000_000_000 } ?? true))
        case 2:
          let wasRemoved = index.remove(key)
          #expect(wasRemoved == (written.removeValue(forKey: key) != nil))
        default:
          while let candidate = index.candidate(at: now) {
            #expect(written[candidate.key] != nil, "step \(step), seed \(SeededGenerator.runSeed)")
            let wasRemoved = index.remove(candidate.key, ifStamp: candidate.stamp)
            #expect(wasRemoved)
            written.removeValue(forKey: candidate.key)
          }
          #expect(index.count <= 40)
          #expect(written.values.allSatisfy { now.nanoseconds(since: $0) < 30_000_000_000 }, "the old ones are gone")
        }
        #expect(index.count == written.count)
      }
    }
  }
}
