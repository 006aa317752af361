// SPDX-License-Identifier: Apache-2.0
//
// Loaders: one call for all callers, fallbacks, and changes of the dictionary during a load.

import Synchronization
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct LoadingTests {
    private struct Stop: Error {}

    private typealias Safe = SafeDictionary<LockedDictionary<String, Int>>

    private func makeSafe() -> Safe { SafeDictionary(LockedDictionary()) }

    /// A loader that waits until it is released.
    private final class Source: Sendable {
      let calls = Atomic<Int>(0)
      let mayEnd = Flag()
      let hasBegun = Flag()
      let wasCancelled = Flag()

      var callCount: Int { calls.load(ordering: .acquiring) }

      func load() async -> Int {
        calls.add(1, ordering: .acquiringAndReleasing)
        hasBegun.set()
        while !mayEnd.isSet {
          if Task.isCancelled {
            wasCancelled.set()
            break
          }
          await Task.yield()
        }
        return 42
      }
    }

    @Test("a hundred callers, one load, one result")
    func singleFlight() async throws {
      let dictionary = makeSafe()
      let source = Source()
      let results = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<100 {
          group.addTask { try await dictionary.value(forKey: "a") { _ in await source.load() } }
        }
        group.addTask {
          while dictionary.statistics.misses < 100 { try await Task.sleep(for: .milliseconds(1)) }
          source.mayEnd.set()
          return 42
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results == Array(repeating: 42, count: 101))
      #expect(source.callCount == 1)
      #expect(dictionary.statistics.loads == 1)
      #expect(try await dictionary.value(forKey: "a") { _ in -1 } == 42, "it is stored")
    }

    @Test("one caller's deadline ends that caller's wait, not the load")
    func oneGivesUp() async throws {
      let dictionary = makeSafe()
      let source = Source()
      let patient = Task { try await dictionary.value(forKey: "a") { _ in await source.load() } }
      #expect(await source.hasBegun.waitAsync())
      let soon = ContinuousClock.now.advanced(by: .milliseconds(20))
      await #expect(throws: SafeDictionaryError.self) {
        _ = try await dictionary.value(forKey: "a", deadline: soon) { _ in await source.load() }
      }
      source.mayEnd.set()
      #expect(try await patient.value == 42)
      #expect(source.callCount == 1)
      #expect(!source.wasCancelled.isSet)
    }

    @Test("when the last caller gives up, the load is cancelled and stores nothing")
    func allGiveUp() async throws {
      let dictionary = makeSafe()
      let source = Source()
      let caller = Task { try await dictionary.value(forKey: "a") { _ in await source.load() } }
      #expect(await source.hasBegun.waitAsync())
      caller.cancel()
      await #expect(throws: SafeDictionaryError.self) { _ = try await caller.value }
      #expect(await source.wasCancelled.waitAsync())
      #expect(try await dictionary.value(forKey: "a") { _ in 7 } == 7, "the next one starts a load of its own")
      #expect(try await dictionary.value(forKey: "a") == 7)
    }

    @Test("a loader's error reaches all who wait, or each one's fallback")
    func fallbacks() async throws {
      let dictionary = makeSafe()
      do {
        _ = try await dictionary.value(forKey: "a") { _ in throw Stop() }
        Issue.record("no error")
      } catch {
        guard case .loaderFailed(let inner) = error else { throw error }
        #expect(inner is Stop)
      }
      #expect(try await dictionary.value(forKey: "a", fallback: { _ in 5 }, orLoad: { _ in throw Stop() }) == 5)
      #expect(try await dictionary.value(forKey: "a") == nil, "a fallback is not stored")
      #expect(dictionary.statistics.fallbacks == 1)
      #expect(dictionary.statistics.loadFailures == 2)
      await #expect(throws: SafeDictionaryError.self) {
        _ = try await dictionary.value(forKey: "a", fallback: { _ in nil }, orLoad: { _ in throw Stop() })
      }
    }

    @Test("a loaded value is stored whatever the configured time-out, as the callers' deadlines count")
    func shortTimeout() async throws {
      let impatient = SafeDictionary(
        LockedDictionary<String, Int>(), configuration: SafeDictionaryConfiguration(timeout: .zero))
      let late = ContinuousClock.now.advanced(by: .seconds(600))
      for _ in 0..<3 { #expect(try await impatient.value(forKey: "a", deadline: late) { _ in 1 } == 1) }
      #expect(impatient.statistics.loads == 1)

      let dictionary = SafeDictionary(
        LockedDictionary<String, Int>(), configuration: SafeDictionaryConfiguration(timeout: .milliseconds(5)))
      let hash = dictionary.locks.hasher.hash("a")
      #expect(dictionary.locks.tryAcquire("a", hash))
      let caller = Task { try await dictionary.value(forKey: "a", deadline: late) { _ in 2 } }
      while dictionary.statistics.loads == 0 { await Task.yield() }
      // The key stays in use for longer than the configured time-out.
      try await Task.sleep(for: .milliseconds(50))
      dictionary.locks.release("a", hash)
      #expect(try await caller.value == 2)
      #expect(try await dictionary.value(forKey: "a", deadline: late) == 2, "it is stored")
    }

    @Test("a value stored during a load stays; after a removal during a load nothing is stored")
    func changesDuringALoad() async throws {
      let dictionary = makeSafe()
      let first = Source()
      let caller = Task { try await dictionary.value(forKey: "a") { _ in await first.load() } }
      #expect(await first.hasBegun.waitAsync())
      try await dictionary.updateValue(1, forKey: "a")
      first.mayEnd.set()
      #expect(try await caller.value == 1, "the stored value wins")
      #expect(try await dictionary.value(forKey: "a") == 1)

      let second = Source()
      let other = Task { try await dictionary.value(forKey: "b") { _ in await second.load() } }
      #expect(await second.hasBegun.waitAsync())
      try await dictionary.removeValue(forKey: "b")
      let misses = dictionary.statistics.misses
      let next = Task { try await dictionary.value(forKey: "b") { _ in 8 } }
      while dictionary.statistics.misses == misses { await Task.yield() }
      second.mayEnd.set()
      #expect(try await other.value == 42, "who asked before the removal has the result from before it")
      #expect(try await next.value == 8, "who asks after the removal has a load of its own")
      #expect(try await dictionary.value(forKey: "b") == 8)

      let third = Source()
      let last = Task { try await dictionary.value(forKey: "c") { _ in await third.load() } }
      #expect(await third.hasBegun.waitAsync())
      try await dictionary.removeValue(forKey: "c")
      third.mayEnd.set()
      #expect(try await last.value == 42)
      #expect(try await dictionary.value(forKey: "c") == nil, "a result from before the removal is not stored")
    }
  }
}
