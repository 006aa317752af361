// SPDX-License-Identifier: Apache-2.0
//
// Bounds without help of the caller: old elements are removed, loaders run one at a time, memory is
// returned.

import Synchronization
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct BoundsTests {
    @Test("elements that are too old leave without any operation")
    func expiryByItself() async throws {
      let base = LockedDictionary<Int, Int>()
      let dictionary = SafeDictionary(base, configuration: SafeDictionaryConfiguration(lifetime: .milliseconds(50)))
      for key in 0..<1000 { try await dictionary.updateValue(key, forKey: key) }
      let deadline = ContinuousClock.now.advanced(by: .seconds(60))
      while base.count > 0, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
      #expect(base.count == 0)
      #expect(dictionary.statistics.expirations == 1000)
      // It works more than once.
      try await dictionary.updateValue(1, forKey: 1)
      let nextDeadline = ContinuousClock.now.advanced(by: .seconds(60))
      while base.count > 0, ContinuousClock.now < nextDeadline { try await Task.sleep(for: .milliseconds(5)) }
      #expect(base.count == 0)
    }

    @Test("purgeExpired removes all that is too old, in steps, and nothing else")
    func purge() async throws {
      let base = LockedDictionary<Int, Int>()
      let dictionary = SafeDictionary(base, configuration: SafeDictionaryConfiguration(lifetime: .halfOfUptime))
      for key in 0..<500 { try await dictionary.updateValue(key, forKey: key) }
      #expect(try await dictionary.purgeExpired() == 0)
      // As if 300 of them had been written when the machine was started.
      let index = try #require(dictionary.index)
      index.withLock { index in
        for key in 0..<300 {
          if let place = index.places[key] { index.nodes[place].writtenAt = Moment(nanoseconds: 0) }
        }
      }
      #expect(try await dictionary.purgeExpired() == 300)
      #expect(base.count == 200)
      #expect(base.snapshot().keys.min() == 300)
      #expect(index.withLock { $0.count } == 200)
    }

    @Test("a dictionary that ends takes its timer along")
    func timerEnds() async throws {
      await #expect(processExitsWith: .success) {
        func use() async throws {
          let configuration = SafeDictionaryConfiguration(lifetime: .seconds(3600))
          let dictionary = SafeDictionary(LockedDictionary<Int, Int>(), configuration: configuration)
          try await dictionary.updateValue(1, forKey: 1)
          precondition(TimerQueue.shared.count == 1)
        }
        try await use()
        precondition(TimerQueue.shared.count == 0)
      }
    }

    @Test("of a loader that ignores its cancellation, one call runs at a time")
    func oneLoaderAtATime() async throws {
      let dictionary = SafeDictionary(LockedDictionary<String, Int>())
      let running = Atomic<Int>(0)
      let most = Atomic<Int>(0)
      let mayEnd = Flag()
      let load: @Sendable (String) async -> Int = { _ in
        most.max(running.add(1, ordering: .sequentiallyConsistent).newValue, ordering: .sequentiallyConsistent)
        while !mayEnd.isSet { try? await Task.sleep(for: .milliseconds(1)) }
        running.subtract(1, ordering: .sequentiallyConsistent)
        return 42
      }
      // Each requests the value, waits in vain, and gives up; for half of them the key is also
      // removed.
      for round in 0..<40 {
        let soon = ContinuousClock.now.advanced(by: .milliseconds(2))
        await #expect(throws: SafeDictionaryError.self) {
          _ = try await dictionary.value(forKey: "a", deadline: soon, orLoad: load)
        }
        if round.isMultiple(of: 2) { try await dictionary.removeValue(forKey: "a") }
      }
      #expect(dictionary.statistics.loads <= 1, "the first one has not ended")
      let patient = Task { try await dictionary.value(forKey: "a", orLoad: load) }
      while dictionary.statistics.misses < 41 { await Task.yield() }
      #expect(most.load(ordering: .sequentiallyConsistent) <= 1)
      mayEnd.set()
      #expect(try await patient.value == 42)
      #expect(most.load(ordering: .sequentiallyConsistent) == 1)
      #expect(dictionary.statistics.loads == 2, "the one that was given up, and one for who came after")
      #expect(dictionary.flights.isEmpty)
    }

    @Test("20,000 cancelled waiters for one key and for the gate leave nothing behind")
    func manyCancellations() async throws {
      let locks = KeyLocks<Int>()
      try await locks.withAsyncLock(1) {
        let waiters = (0..<20_000).map { _ in Task { try await locks.withAsyncLock(1) {} } }
        let stripe = locks.stripe(locks.hasher.hash(1))
        while locks.stripes.withLock(stripe, { $0.waiterCount }) < waiters.count { await Task.yield() }
        for waiter in waiters.reversed() { waiter.cancel() }
        for waiter in waiters { _ = await waiter.result }
        #expect(locks.stripes.withLock(stripe) { $0.waiterCount } == 0)
      }
      #expect(locks.heldKeys == 0)
    }

    @Test("after a crowd the tables are small again")
    func shrinking() async throws {
      var index = EvictionIndex<Int>(EvictionLimits(maximumCount: 1_000_000))
      for key in 0..<100_000 { index.written(key, at: .now) }
      for key in 0..<100_000 where key != 77_777 { _ = index.remove(key) }
      #expect(index.nodes.capacity < 1000, "room for \(index.nodes.capacity) nodes is kept for one")
      #expect(index.places.capacity < 1000, "room for \(index.places.capacity) keys is kept for one")
      #expect(index.surplus() == nil)
      let isKnown = index.remove(77_777) != nil
      #expect(isKnown)

      let locks = KeyLocks<Int>(stripes: 1)
      func hold(_ keys: Range<Int>) async throws {
        guard let key = keys.first else { return }
        try await Task { try await locks.withAsyncLock(key) { try await hold(keys.dropFirst()) } }.value
      }
      try await locks.withAsyncLock(-1) {
        try await Task { try await hold(0..<3000) }.value
        let places = locks.stripes.withLock(0) { $0.places }
        #expect(places <= 1024, "\(places) places for one key")
      }
    }
  }
}
