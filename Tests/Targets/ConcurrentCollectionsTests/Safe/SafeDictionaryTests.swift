// SPDX-License-Identifier: Apache-2.0
//
// Operations that end in time, or with an error and no effect.

import TestSupport
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct SafeDictionaryTests {
    private struct Stop: Error {}

    private func isDeadline(_ error: any Error) -> Bool {
      if case SafeDictionaryError.deadlineExceeded? = error as? SafeDictionaryError { true } else { false }
    }

    private func isCancelled(_ error: any Error) -> Bool {
      if case SafeDictionaryError.cancelled? = error as? SafeDictionaryError { true } else { false }
    }

    @Test("the operations do what they say over every model")
    func operations() async throws {
      try await check(SafeDictionary(LockedDictionary<String, Int>()))
      try await check(SafeDictionary(ReadWriteDictionary<String, Int>()))
      try await check(SafeDictionary(ShardedDictionary<String, Int>()))
      try await check(SafeDictionary(ReadMostlyDictionary<String, Int>()))
      try await check(SafeDictionary(SerialDictionary<String, Int>()))
    }

    private func check<Base: AsyncConcurrentDictionary<String, Int>>(_ dictionary: SafeDictionary<Base>) async throws {
      #expect(try await dictionary.updateValue(1, forKey: "a") == nil)
      #expect(try await dictionary.updateValue(2, forKey: "a") == 1)
      #expect(try await dictionary["a"] == 2)
      #expect(try await dictionary.insertIfAbsent(3, forKey: "a") == (false, 2))
      #expect(try await dictionary.insertIfAbsent(3, forKey: "b") == (true, 3))
      let changed = try await dictionary.withValue(forKey: "c", default: 10) { value in
        value += 1
        return value
      }
      #expect(changed == 11)
      #expect(try await dictionary.count() == 3)
      #expect(try await dictionary.removeAll { $0.value.isMultiple(of: 2) } == 1)
      #expect(try await dictionary.removeValue(forKey: "b") == 3)
      #expect(try await dictionary.removeValue(forKey: "b") == nil)
      #expect(try await dictionary.snapshot() == ["c": 11])
      #expect(dictionary.statistics.hits == 1)
    }

    @Test("a deadline that has passed, or a task that is cancelled, changes nothing")
    func nothingHappens() async throws {
      let dictionary = SafeDictionary(LockedDictionary([1: 1]))
      let past = ContinuousClock.now.advanced(by: .seconds(-1))
      await #expect(performing: { try await dictionary.updateValue(2, forKey: 1, deadline: past) }, throws: isDeadline)
      await #expect(performing: { try await dictionary.removeValue(forKey: 1, deadline: past) }, throws: isDeadline)
      await #expect(performing: { try await dictionary.value(forKey: 1, deadline: past) }, throws: isDeadline)
      await #expect(performing: { try await dictionary.snapshot(deadline: past) }, throws: isDeadline)
      await #expect(performing: { try await dictionary.count(deadline: past) }, throws: isDeadline)
      await #expect(performing: { try await dictionary.removeAll(deadline: past) { _ in true } }, throws: isDeadline)
      let cancelled = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try await dictionary.updateValue(2, forKey: 1)
      }
      await #expect(performing: { try await cancelled.value }, throws: isCancelled)
      #expect(try await dictionary.snapshot() == [1: 1])
      #expect(dictionary.statistics.timeouts == 6)
      #expect(dictionary.statistics.cancellations == 1)
    }

    @Test("a closure that throws or takes too long leaves the value as it was")
    func closuresThatFail() async throws {
      let dictionary = SafeDictionary(ShardedDictionary(["a": [1]]))
      await #expect(
        performing: {
          try await dictionary.withValue(forKey: "a", default: []) { value in
            value.append(2)
            throw Stop()
          }
        },
        throws: { error in
          guard case SafeDictionaryError.bodyFailed(let inner)? = error as? SafeDictionaryError else { return false }
          return inner is Stop
        })
      let soon = ContinuousClock.now.advanced(by: .milliseconds(30))
      await #expect(
        performing: {
          try await dictionary.withValue(forKey: "a", default: [], deadline: soon) { value in
            value.append(3)
            while ContinuousClock.now < soon {}
          }
        }, throws: isDeadline)
      await #expect(
        performing: {
          try await dictionary.removeAll { _ in throw Stop() }
        }, throws: { if case SafeDictionaryError.bodyFailed? = $0 as? SafeDictionaryError { true } else { false } })
      #expect(try await dictionary.value(forKey: "a") == [1])
    }

    @Test("those who wait for a key that is held give up at their deadline or when cancelled")
    func waitersGiveUp() async throws {
      let dictionary = SafeDictionary(LockedDictionary([1: 1]))
      try await dictionary.locks.withAsyncLock(1) {
        let start = ContinuousClock.now
        await #expect(
          performing: {
            try await dictionary.updateValue(2, forKey: 1, deadline: start.advanced(by: .milliseconds(50)))
          }, throws: isDeadline)
        #expect(start.duration(to: .now) >= .milliseconds(50))
        let late = start.advanced(by: .seconds(600))
        let task = Task { _ = try await dictionary.updateValue(3, forKey: 1, deadline: late) }
        while dictionary.statistics.waits < 2 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(performing: { try await task.value }, throws: isCancelled)
        // Operations on another key do not wait.
        #expect(try await dictionary.updateValue(1, forKey: 2) == nil)
      }
      #expect(try await dictionary.snapshot() == [1: 1, 2: 1])
      #expect(try await dictionary.updateValue(4, forKey: 1) == 1, "the key is free again")
    }

    @Test("under load, every operation that failed left no trace and every other one left its own")
    func deadlinesUnderLoad() async throws {
      let dictionary = SafeDictionary(ShardedDictionary<Int, Int>())
      let succeeded = Tally()
      let failed = Tally()
      let seed = SeededGenerator.runSeed
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<400 {
          group.addTask {
            var random = SeededGenerator(seed: seed &+ UInt64(number))
            for _ in 0..<20 {
              let deadline = ContinuousClock.now.advanced(by: .microseconds(Int.random(in: 0..<3000, using: &random)))
              let key = Int.random(in: 0..<4, using: &random)
              do {
                try await dictionary.withValue(forKey: key, default: 0, deadline: deadline) { value in
                  value += 1
                  for _ in 0..<200 { _ = ContinuousClock.now }
                }
                succeeded.add()
              } catch { failed.add() }
            }
          }
        }
        // Some are cancelled in the middle of it.
        try? await Task.sleep(for: .milliseconds(30))
        group.cancelAll()
      }
      let sum = try await dictionary.snapshot().values.reduce(0, +)
      #expect(sum == succeeded.value)
      #expect(failed.value + sum == 8000)
      #expect(failed.value > 0, "no operation ran out of time: the test has shown nothing")
      let statistics = dictionary.statistics
      #expect(statistics.timeouts + statistics.cancellations == failed.value)
      #expect(dictionary.locks.heldKeys == 0)
    }

    @Test("operations on everything wait for those on keys and give up in time")
    func wholeOperationsWait() async throws {
      let dictionary = SafeDictionary(LockedDictionary([1: 1, 2: 2]))
      let place = try #require(dictionary.gate.tryEnterShared())
      let soon = ContinuousClock.now.advanced(by: .milliseconds(20))
      await #expect(performing: { try await dictionary.removeAll(deadline: soon) { _ in true } }, throws: isDeadline)
      // An operation that gave up blocks no other.
      #expect(try await dictionary.updateValue(3, forKey: 3) == nil)
      dictionary.gate.leaveShared(place)
      #expect(try await dictionary.removeAll { $0.key > 1 } == 2)
      #expect(try await dictionary.snapshot() == [1: 1])
    }

    @Test("latencies are in the histogram, in their order")
    func latencies() async throws {
      let dictionary = SafeDictionary(LockedDictionary<Int, Int>())
      for key in 0..<100 { try await dictionary.updateValue(key, forKey: key) }
      try await dictionary.withValue(forKey: 1, default: 0) { _ in
        let end = ContinuousClock.now.advanced(by: .milliseconds(20))
        while ContinuousClock.now < end {}
      }
      let statistics = dictionary.statistics
      #expect(statistics.latencyP50 > .zero)
      #expect(statistics.latencyP50 <= statistics.latencyP99)
      #expect(statistics.latencyP999 >= .milliseconds(20))
      let histogram = LatencyHistogram(stripes: 4)
      for nanoseconds in 1...1000 { histogram.record(nanoseconds: UInt64(nanoseconds), stripe: nanoseconds) }
      let percentiles = histogram.percentiles([0.5, 0.99, 1])
      for (found, exact) in zip(percentiles, [500, 990, 1000]) {
        #expect(found >= .nanoseconds(exact) && found <= .nanoseconds(exact * 9 / 8))
      }
    }
  }
}
