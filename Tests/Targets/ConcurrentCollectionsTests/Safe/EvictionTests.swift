// SPDX-License-Identifier: Apache-2.0
//
// Limits on the number of elements and on their age.

import Synchronization
import TestSupport
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
        LockedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(lifetime: .halfOfUptime))
      try await dictionary.updateValue(1, forKey: 1)
      #expect(try await dictionary.value(forKey: 1) == 1)
      // As if it had been written long ago.
      let index = try #require(dictionary.index)
      index.withLock { index in
        if let place = index.places[1] { index.nodes[place].writtenAt = Moment(nanoseconds: 0) }
      }
      #expect(try await dictionary.value(forKey: 1) == nil)
      #expect(try await dictionary.snapshot().isEmpty)
      #expect(try await dictionary.count() == 1, "it is still there")
      #expect(try await dictionary.updateValue(2, forKey: 2) == nil)
      #expect(try await dictionary.count() == 1)
      #expect(dictionary.statistics.expirations == 1)
      #expect(try await dictionary.value(forKey: 1) { _ in 9 } == 9, "what is too old is loaded again")
    }

    @Test("the weights together stay within their limit; what is too heavy alone does not stay")
    func weights() async throws {
      let base = LockedDictionary<Int, String>()
      let dictionary = SafeDictionary(base, configuration: SafeDictionaryConfiguration(maximumWeight: 100)) {
        $1.utf8.count
      }
      for key in 0..<50 {
        try await dictionary.updateValue(String(repeating: "x", count: key % 10), forKey: key)
        #expect(base.snapshot().values.reduce(0) { $0 + $1.utf8.count } <= 100)
      }
      #expect(base.count > 10)
      try await dictionary.updateValue(String(repeating: "y", count: 60), forKey: 100)
      try await dictionary.updateValue(String(repeating: "z", count: 30), forKey: 100)
      #expect(base.snapshot().values.reduce(0) { $0 + $1.utf8.count } <= 100)
      try await dictionary.updateValue(String(repeating: "h", count: 101), forKey: 200)
      #expect(base[200] == nil)
      #expect(base.snapshot().values.reduce(0) { $0 + $1.utf8.count } <= 100)
    }

    @Test("weights of any size add up")
    func hugeWeights() async throws {
      let heavy = Int.max - 1
      for limit in [100, heavy] {
        let base = LockedDictionary<Int, Int>()
        let dictionary = SafeDictionary(base, configuration: SafeDictionaryConfiguration(maximumWeight: limit)) { $1 }
        try await dictionary.updateValue(1, forKey: 0)
        for key in 1...5 { try await dictionary.updateValue(heavy, forKey: key) }
        let index = try #require(dictionary.index)
        #expect(base.count == (limit == 100 ? 0 : 1))
        #expect(index.withLock { $0.weight } == (limit == 100 ? 0 : Int128(heavy)))
        try await dictionary.updateValue(7, forKey: 9)
        #expect(base[9] == 7, "the weights of those that have left are forgotten")
      }
    }

    @Test("a value that is old enough is given out and loaded again behind it, once")
    func refreshAhead() async throws {
      let dictionary = SafeDictionary(
        LockedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(refreshAfter: .seconds(600)))
      let calls = Tally()
      let mayEnd = Flag()
      let load: @Sendable (Int) async throws -> Int = { _ in
        calls.add()
        while !mayEnd.isSet { await Task.yield() }
        return 2
      }
      try await dictionary.updateValue(1, forKey: 1)
      #expect(try await dictionary.value(forKey: 1, orLoad: load) == 1)
      #expect(calls.value == 0, "it is young")
      let index = try #require(dictionary.index)
      func makeOld() {
        index.withLock { index in
          if let place = index.places[1] { index.nodes[place].refreshAt = Moment(nanoseconds: 0) }
        }
      }
      makeOld()
      for _ in 0..<10 { #expect(try await dictionary.value(forKey: 1, orLoad: load) == 1) }
      while calls.value < 1 { await Task.yield() }
      makeOld()
      #expect(try await dictionary.value(forKey: 1, orLoad: load) == 1)
      mayEnd.set()
      while try await dictionary.value(forKey: 1) != 2 { await Task.yield() }
      while !dictionary.flights.isEmpty { await Task.yield() }
      #expect(calls.value == 1)
      #expect(dictionary.statistics.loads == 1)
      // Neither a failed load nor one that was overtaken by a write changes anything.
      makeOld()
      #expect(try await dictionary.value(forKey: 1) { _ in throw CancellationError() } == 2)
      while dictionary.statistics.loadFailures < 1 || !dictionary.flights.isEmpty { await Task.yield() }
      #expect(try await dictionary.value(forKey: 1) == 2)
      makeOld()
      let isOvertaken = Flag()
      #expect(
        try await dictionary.value(forKey: 1) { _ in
          while !isOvertaken.isSet { await Task.yield() }
          return 3
        } == 2)
      try await dictionary.updateValue(4, forKey: 1)
      isOvertaken.set()
      while !dictionary.flights.isEmpty { await Task.yield() }
      #expect(try await dictionary.value(forKey: 1) == 4)
    }

    @Test("the order of the index: oldest unread first, read ones get a second round")
    func sieve() {
      var index = EvictionIndex<String>(EvictionLimits(maximumCount: 3))
      let now = Moment.now
      for key in ["a", "b", "c", "d"] { index.written(key, at: now) }
      let isYoung = index.read("a", at: now)
      #expect(isYoung)
      var candidate = index.surplus()
      #expect(candidate?.key == "b")
      let wasRemoved = index.remove("b") != nil
      #expect(wasRemoved)
      candidate = index.surplus()
      #expect(candidate == nil)
      index.written("e", at: now)
      candidate = index.surplus()
      #expect(candidate?.key == "c", "the hand goes on where it was")
      candidate = index.surplus()
      #expect(candidate?.key == "d", "asked again, it names another one")
      index.written("d", at: now)
      let wasRemovedAgain = index.remove("d", ifStamp: candidate?.stamp) != nil
      #expect(!wasRemovedAgain, "a key that was written again is not the one that was named")
      #expect(index.count == 4)
    }

    @Test("an eviction takes off a bounded number of marks, and the next one goes on where it ended")
    func boundedStep() {
      let most = EvictionIndex<Int>.mostMarks
      var index = EvictionIndex<Int>(EvictionLimits(maximumCount: 3 * most))
      let now = Moment.now
      for key in 0...(3 * most) { index.written(key, at: now) }
      for key in 0...(3 * most) { _ = index.read(key, at: now) }
      func marked() -> Int { index.places.values.reduce(0) { $0 + (index.nodes[$1].isMarked ? 1 : 0) } }
      let all = marked()
      #expect(all == 3 * most + 1)
      var candidate = index.surplus()
      #expect(candidate?.key == most)
      #expect(marked() == all - most)
      candidate = index.surplus()
      #expect(candidate?.key == 2 * most + 1)
      #expect(marked() == all - 2 * most)
      // With fewer marks than that, it is the order of the paper.
      var small = EvictionIndex<Int>(EvictionLimits(maximumCount: 3))
      for key in 0..<4 { small.written(key, at: now) }
      for key in 0..<4 { _ = small.read(key, at: now) }
      candidate = small.surplus()
      #expect(candidate?.key == 0)
    }

    @Test("an index agrees with itself after 20,000 random changes")
    func randomChanges() {
      var random = SeededGenerator(seed: SeededGenerator.runSeed)
      var index = EvictionIndex<Int>(EvictionLimits(maximumCount: 40, lifetime: .seconds(30)))
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
          let wasRemoved = index.remove(key) != nil
          #expect(wasRemoved == (written.removeValue(forKey: key) != nil))
        default:
          while let candidate = index.tooOld(at: now, atMost: 1).first ?? index.surplus() {
            #expect(written[candidate.key] != nil, "step \(step), seed \(SeededGenerator.runSeed)")
            let wasRemoved = index.remove(candidate.key, ifStamp: candidate.stamp) != nil
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
