// SPDX-License-Identifier: Apache-2.0
//
// Debug builds stop with a message where a call would wait for itself. Each test does so in a
// separate process.

#if DEBUG
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct ReentrancyTests {
    private func expectMessage(
      _ result: ExitTest.Result?, _ inner: String, _ outer: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(
        output.contains("\(inner) called inside \(outer)"), "the child wrote: \(output.prefix(400))",
        sourceLocation: sourceLocation)
    }

    @Test("LockedDictionary inside its own closure")
    func locked() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let dictionary = LockedDictionary([1: 1])
        dictionary.withValue(forKey: 1, default: 0) { $0 += dictionary[1] ?? 0 }
      }
      expectMessage(result, "LockedDictionary.value(forKey:)", "LockedDictionary.withValue(forKey:default:_:)")
    }

    @Test("ExclusiveDictionary inside its own closure")
    func exclusive() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let dictionary = ExclusiveDictionary([1: 1])
        _ = dictionary.withExclusive { _ in dictionary.count }
      }
      expectMessage(result, "ExclusiveDictionary.count", "ExclusiveDictionary.withExclusive(_:)")
    }

    @Test("ReadWriteDictionary: a read inside a read")
    func readWrite() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let dictionary = ReadWriteDictionary([1: 1])
        _ = dictionary.withShared { $0.count + dictionary.count }
      }
      expectMessage(result, "ReadWriteDictionary.count", "ReadWriteDictionary.withShared(_:)")
    }

    @Test("ShardedDictionary: another key, perhaps of another shard")
    func sharded() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let dictionary = ShardedDictionary([1: 1])
        _ = dictionary.removeAll { dictionary[$0.key + 1] == nil }
      }
      expectMessage(result, "ShardedDictionary.value(forKey:)", "ShardedDictionary.removeAll(where:)")
    }

    @Test("ReadMostlyDictionary: a write inside a write")
    func readMostly() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let dictionary = ReadMostlyDictionary([1: 1])
        dictionary.withExclusive { $0[2] = dictionary.updateValue(3, forKey: 3) }
      }
      expectMessage(
        result, "ReadMostlyDictionary.updateValue(_:forKey:)", "ReadMostlyDictionary.withExclusive(_:)")
    }

    @Test("KeyLocks: another key while one is held, on a thread")
    func keyLocks() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let locks = KeyLocks<Int>()
        nested(locks)
      }
      expectMessage(result, "KeyLocks.withLock(_:_:)", "KeyLocks.withLock(_:_:)")
    }

    @Test("KeyLocks: the same key again, in a task")
    func keyLocksInATask() async {
      let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let locks = KeyLocks<Int>()
        try await locks.withAsyncLock(1) {
          await Task.yield()
          try await locks.withAsyncLock(1) { await Task.yield() }
        }
      }
      expectMessage(result, "KeyLocks.withAsyncLock(_:deadline:_:)", "a closure that holds a key of the same object")
    }

    @Test("KeyLocks: by a synchronous function that a task calls")
    func keyLocksByAFunction() async {
      let one = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let locks = KeyLocks<Int>()
        try await locks.withAsyncLock(1) { parks(locks, 0) }
      }
      expectMessage(one, "KeyLocks.withLock(_:_:)", "a closure that holds a key of the same object")
      let two = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let locks = KeyLocks<Int>()
        try await locks.withAsyncSharedLock(1) { parks(locks, 1) }
      }
      expectMessage(two, "KeyLocks.withLocks(_:_:_:)", "a closure that holds a key of the same object")
      let three = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let locks = KeyLocks<Int>()
        try await locks.withAsyncLocks(1, 4) { parks(locks, 2) }
      }
      expectMessage(three, "KeyLocks.withSharedLock(_:_:)", "a closure that holds a key of the same object")
    }

    @Test("KeyLocks: another task, or another object, may")
    func keyLocksElsewhere() async throws {
      let locks = KeyLocks<Int>()
      let others = KeyLocks<Int>()
      try await locks.withAsyncLock(5) {
        parks(others, 0)
        await Task { parks(locks, 0) }.value
      }
      parks(locks, 0)
      #expect(locks.heldKeys == 0)
    }
  }
}

/// Called by a task, which the compiler does not see.
private func parks(_ locks: KeyLocks<Int>, _ way: Int) {
  switch way {
  case 0: locks.withLock(1) {}
  case 1: locks.withLocks(2, 3) {}
  default: locks.withSharedLock(2) {}
  }
}

private func nested(_ locks: KeyLocks<Int>) {
  locks.withLock(1) { locks.withLock(2) {} }
}
#endif
