// SPDX-License-Identifier: Apache-2.0
//
// Foreign code and identity: destruction outside of locks, tasks told apart, loads that inherit the
// right context.

import Dispatch
import Synchronization
import Testing

@testable import ConcurrentCollections

/// Blocks the thread until a task that uses a dictionary has ended, as a careless `deinit` may.
private func waitForTask(_ body: @escaping @Sendable () async -> Void) -> Bool {
  let done = DispatchSemaphore(value: 0)
  Task.detached {
    await body()
    done.signal()
  }
  return done.wait(timeout: .now() + 30) == .success
}

extension ConcurrentCollectionsTests {
  @Suite(.serialized, .timeLimit(.minutes(3))) struct IdentityTests {
    @TaskLocal static var request = "none"

    @Test("a key's deinit may use the locks: it runs outside the mutex")
    func keysDie() async throws {
      let locks = KeyLocks<Dying>(stripes: 1)
      let died = Tally()
      let mayLeave = Flag()
      func key() -> Dying {
        Dying(1) { if locks.withLockIfAvailable(Dying(2) {}, { true }) == true { died.add() } }
      }
      let first = Task { try await locks.withAsyncLock(key()) { while !mayLeave.isSet { await Task.yield() } } }
      while locks.heldKeys == 0 { await Task.yield() }
      // The key that the lock stores stays the first task's. Its last reference goes when the
      // second task leaves.
      let second = Task { try await locks.withAsyncLock(key()) {} }
      while locks.stripes.withLock(0, { $0.waiterCount }) == 0 { await Task.yield() }
      mayLeave.set()
      try await first.value
      try await second.value
      #expect(died.value == 2)
    }

    @Test("a value's deinit may wait for another task that uses the safe dictionary")
    func valuesDie() async throws {
      typealias Safe = SafeDictionary<LockedDictionary<Int, Dying>>
      let died = Tally()
      func check(_ limits: SafeDictionaryConfiguration, _ lose: @Sendable (Safe, Dying) async throws -> Void)
        async throws
      {
        let dictionary = Safe(LockedDictionary(), configuration: limits)
        let before = died.value
        func makeValue() -> Dying {
          Dying(1) { [weak dictionary] in
            let dictionary = dictionary
            let isFree = waitForTask {
              // The same key, another one, and all of them.
              _ = try? await dictionary?.insertIfAbsent(Dying(3) {}, forKey: 1)
              _ = try? await dictionary?.removeAll { $0.key == 3 }
            }
            if isFree { died.add() }
          }
        }
        try await dictionary.updateValue(makeValue(), forKey: 1)
        try await lose(dictionary, Dying(2) {})
        #expect(died.value == before + 1)
      }
      let free = SafeDictionaryConfiguration(timeout: .seconds(20))
      try await check(free) { try await $0.updateValue($1, forKey: 1) }
      try await check(free) { dictionary, _ in try await dictionary.removeValue(forKey: 1) }
      try await check(free) { dictionary, _ in try await dictionary.removeAll { $0.key == 1 } }
      try await check(free) { dictionary, _ in try await dictionary.removeAll() }
      let one = SafeDictionaryConfiguration(timeout: .seconds(20), maximumCount: 1)
      try await check(one) { try await $0.updateValue($1, forKey: 2) }
    }

    @Test("a value's deinit may wait for another task that uses the actor")
    func valuesDieInTheActor() async throws {
      let died = Tally()
      func check(_ lose: @Sendable (SerialDictionary<Int, Dying>, Dying) async throws -> Void) async throws {
        let dictionary = SerialDictionary<Int, Dying>()
        let before = died.value
        await dictionary.updateValue(
          Dying(1) { [weak dictionary] in
            let dictionary = dictionary
            if waitForTask({ _ = await dictionary?.count }) { died.add() }
          }, forKey: 1)
        try await lose(dictionary, Dying(2) {})
        #expect(died.value == before + 1)
      }
      try await check { await $0.updateValue($1, forKey: 1) }
      try await check { dictionary, _ in await dictionary.removeValue(forKey: 1) }
      try await check { dictionary, _ in await dictionary.removeAll { $0.key == 1 } }
      try await check { dictionary, _ in await dictionary.removeAll() }
    }

    #if DEBUG
    @Test("a long chain of tasks, each begun while its parent held a key, is lawful")
    func chainOfTasks() async throws {
      let locks = KeyLocks<Int>()
      func link(_ number: Int, _ end: CheckedContinuation<Void, Never>) async {
        if number == 3000 { return end.resume() }
        let hasEnded = Flag()
        // The child inherits the list of the locks that its parent held at its beginning, and
        // often reuses the memory of an ancestor that has ended.
        _ = try? await locks.withAsyncLock(number % 5) {
          Task {
            while !hasEnded.isSet { await Task.yield() }
            await link(number + 1, end)
          }
        }
        hasEnded.set()
      }
      await withCheckedContinuation { end in Task { await link(0, end) } }
      #expect(locks.heldKeys == 0)
    }
    #endif

    @Test("removeAll makes loads in progress keep their results to those who wait", arguments: [false, true])
    func removeAllDuringALoad(_ hasPredicate: Bool) async throws {
      let dictionary = SafeDictionary(LockedDictionary<String, Int>())
      let hasBegun = Flag()
      let mayEnd = Flag()
      let caller = Task {
        try await dictionary.value(forKey: "a") { _ in
          hasBegun.set()
          while !mayEnd.isSet { await Task.yield() }
          return 1
        }
      }
      #expect(await hasBegun.waitAsync())
      if hasPredicate { try await dictionary.removeAll { _ in false } } else { try await dictionary.removeAll() }
      mayEnd.set()
      #expect(try await caller.value == 1)
      #expect(try await dictionary.value(forKey: "a") == nil, "a result from before the removal is not stored")
    }

    @Test(
      "a loader has the task-local values and the priority of who asked first, not the actor and not the cancellation")
    func inheritance() async throws {
      let dictionary = SafeDictionary(LockedDictionary<String, String>())
      let seen = await IdentityTests.$request.withValue("42") {
        await Task(priority: .high) { @MainActor in
          try? await dictionary.value(forKey: "a") { _ in
            "\(IdentityTests.request) \(Task.currentPriority == .high) \(Task.isCancelled)"
          }
        }.value
      }
      #expect(seen == "42 true false")
      // A load that has to wait for the end of another one inherits from its own caller.
      let hasBegun = Flag()
      let mayEnd = Flag()
      let first = Task {
        try await dictionary.value(forKey: "b") { _ in
          hasBegun.set()
          while !mayEnd.isSet { await Task.yield() }
          return "first"
        }
      }
      #expect(await hasBegun.waitAsync())
      try await dictionary.removeValue(forKey: "b")
      let second = IdentityTests.$request.withValue("43") {
        Task { try await dictionary.value(forKey: "b") { _ in IdentityTests.request } }
      }
      while dictionary.statistics.misses < 3 { await Task.yield() }
      mayEnd.set()
      #expect(try await first.value == "first")
      #expect(try await second.value == "43")
    }

    @Test("numbers out of their range stop the process with a message, in optimised builds too")
    func ranges() async {
      func expectMessage(_ result: ExitTest.Result?, _ text: String) {
        let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(output.contains(text), "the child wrote: \(output.prefix(300))")
      }
      expectMessage(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = SafeDictionary(
            LockedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(maximumCount: -1))
        }, "maximumCount must not be negative")
      expectMessage(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = SafeDictionary(
            LockedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(lifetime: .zero))
        }, "lifetime must be positive")
      expectMessage(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = SafeDictionary(
            LockedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(metricsPrefix: "9 lives"))
        }, "metricsPrefix must be")
      expectMessage(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = KeyLocks<Int>(stripes: 0)
        }, "stripes:) must be at least 1")
      expectMessage(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = KeyLocks<Int>(pooledLocks: -1)
        }, "pooledLocks:) must not be negative")
      expectMessage(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = ShardedDictionary<Int, Int>(shards: 0)
        }, "shards:) must be at least 1")
      expectMessage(
        await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
          _ = ReadMostlyDictionary<Int, Int>(minimumCapacity: -1)
        }, "minimumCapacity:) must not be negative")
    }
  }
}
