// SPDX-License-Identifier: Apache-2.0
//
// One lock per key: exclusion, order, bounded memory, and the blocking and asynchronous forms side
// by side.

import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct KeyLocksTests {
    /// Plain variables that only a lock protects.
    private final class Cells: @unchecked Sendable {
      let numbers: UnsafeMutablePointer<Int>
      let count: Int

      init(_ count: Int) {
        self.count = count
        numbers = .allocate(capacity: count)
        numbers.initialize(repeating: 0, count: count)
      }

      deinit { numbers.deallocate() }

      func sum() -> Int { (0..<count).reduce(0) { $0 + numbers[$1] } }
    }

    @Test("threads and tasks exclude each other on one key")
    func threadsAndTasks() async throws {
      let locks = KeyLocks<Int>()
      let cells = Cells(3)
      async let threads: Void = Team.run(3) { thread in
        for round in 0..<2000 {
          let key = (round + thread) % 3
          locks.withLock(key) { cells.numbers[key] += 1 }
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<4 {
          group.addTask {
            for round in 0..<1000 {
              let key = (round + task) % 3
              try await locks.withAsyncLock(key) {
                let old = cells.numbers[key]
                if round.isMultiple(of: 20) { await Task.yield() }
                cells.numbers[key] = old + 1
              }
            }
          }
        }
        try await group.waitForAll()
      }
      await threads
      #expect(cells.sum() == 3 * 2000 + 4 * 1000)
      #expect(locks.heldKeys == 0)
    }

    @Test("two keys named in either order never deadlock, hashes equal or not")
    func twoKeys() async {
      let locks = KeyLocks<CollidingKey>(stripes: 2)
      let cells = Cells(6)
      let seed = SeededGenerator.runSeed
      await Team.run(6) { thread in
        var random = SeededGenerator(seed: seed &+ UInt64(thread))
        for _ in 0..<3000 {
          let (from, to) = (Int.random(in: 0..<6, using: &random), Int.random(in: 0..<6, using: &random))
          locks.withLocks(CollidingKey(number: from), CollidingKey(number: to)) {
            cells.numbers[from] -= 1
            cells.numbers[to] += 1
          }
        }
      }
      #expect(cells.sum() == 0)
      #expect(locks.heldKeys == 0)
    }

    @Test("two keys in tasks never deadlock, and a deadline leaves neither held")
    func twoKeysInTasks() async throws {
      let locks = KeyLocks<Int>()
      let cells = Cells(4)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<8 {
          group.addTask {
            for round in 0..<300 {
              let (from, to) = ((round + task) % 4, (round * 3 + task) % 4)
              try await locks.withAsyncLocks(from, to) {
                cells.numbers[from] -= 1
                await Task.yield()
                cells.numbers[to] += 1
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(cells.sum() == 0)
      let isHeld = Flag()
      let mayLeave = Flag()
      async let holder: Void = Team.run(1) { _ in
        locks.withLock(2) {
          isHeld.set()
          mayLeave.wait()
        }
      }
      #expect(await isHeld.waitAsync())
      await #expect(throws: KeyLockError.deadlineExceeded) {
        try await locks.withAsyncLocks(1, 2, deadline: .now.advanced(by: .milliseconds(20))) {
          Issue.record("the closure ran without its keys")
        }
      }
      #expect(locks.heldKeys == 1, "the key that had been taken was given back")
      mayLeave.set()
      await holder
      #expect(locks.heldKeys == 0)
    }

    @Test("a million keys leave the memory flat and no lock behind")
    func aMillionKeys() async throws {
      let locks = KeyLocks<Int>(pooledLocks: 64)
      func use(_ keys: Range<Int>) async {
        await Team.run(2) { thread in
          for key in keys where key & 1 == thread { locks.withLock(key) {} }
        }
      }
      await use(0..<50_000)
      let before = try residentBytes()
      await use(50_000..<1_050_000)
      let grown = try residentBytes() - before
      #expect(grown < 4_000_000, "resident memory grew by \(grown) bytes over a million keys")
      #expect(locks.heldKeys == 0)
      #expect(locks.pooledLocks <= 64)
    }

    @Test("locks of keys that were waited for go back to a pool, which is bounded and used again")
    func pool() async throws {
      let locks = KeyLocks<Int>(stripes: 16, pooledLocks: 64)
      func makeWaitersForEach(of keys: Range<Int>) async throws {
        let isHeld = Tally()
        let mayLeave = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
          for key in keys {
            group.addTask {
              try await locks.withAsyncLock(key) {
                isHeld.add()
                while !mayLeave.isSet { try await Task.sleep(for: .milliseconds(1)) }
              }
            }
          }
          while isHeld.value < keys.count { try await Task.sleep(for: .milliseconds(1)) }
          #expect(locks.heldKeys == keys.count)
          for key in keys { group.addTask { try await locks.withAsyncLock(key) {} } }
          while waiting(locks) < keys.count { try await Task.sleep(for: .milliseconds(1)) }
          mayLeave.set()
          try await group.waitForAll()
        }
      }
      #expect(locks.pooledLocks == 0, "filled when needed")
      try await makeWaitersForEach(of: 0..<10)
      #expect(locks.pooledLocks > 0)
      #expect(locks.pooledLocks <= 10)
      try await makeWaitersForEach(of: 1000..<1500)
      #expect(locks.pooledLocks <= 64)
      #expect(locks.pooledLocks > 10, "five hundred locks were given back, to sixteen stripes with room for four each")
      #expect(locks.heldKeys == 0)
    }

    private func residentBytes() throws -> Int {
      let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
      let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
      return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test("those who wait for a key get it in the order in which they came")
    func firstComeFirstServed() async throws {
      let locks = KeyLocks<Int>()
      let order = Log()
      var tasks: [Task<Void, any Error>] = []
      try await locks.withAsyncLock(1) {
        for number in 0..<20 {
          tasks.append(Task { try await locks.withAsyncLock(1) { order.append(number) } })
          while waiting(locks) <= number { try await Task.sleep(for: .milliseconds(1)) }
        }
      }
      for task in tasks { try await task.value }
      #expect(order.all == Array(0..<20))
    }

    private func waiting(_ locks: KeyLocks<Int>) -> Int {
      (0..<locks.stripes.count).reduce(0) { sum, index in
        sum + locks.stripes.withLock(index) { $0.waiterCount }
      }
    }

    @Test("a cancelled task leaves the queue and the next one gets the key")
    func cancellation() async throws {
      let locks = KeyLocks<Int>()
      let ran = Flag()
      try await locks.withAsyncLock(1) {
        let cancelled = Task { try await locks.withAsyncLock(1) { ran.set() } }
        while waiting(locks) < 1 { try await Task.sleep(for: .milliseconds(1)) }
        let next = Task { try await locks.withAsyncLock(1) {} }
        while waiting(locks) < 2 { try await Task.sleep(for: .milliseconds(1)) }
        cancelled.cancel()
        await #expect(throws: KeyLockError.cancelled) { try await cancelled.value }
        #expect(waiting(locks) == 1)
        next.cancel()
        _ = await next.result
      }
      #expect(!ran.isSet)
      await #expect(throws: KeyLockError.cancelled) {
        try await Task {
          withUnsafeCurrentTask { $0?.cancel() }
          try await locks.withAsyncLock(1) { ran.set() }
        }.value
      }
      #expect(!ran.isSet)
      #expect(locks.heldKeys == 0)
    }

    @Test("those who share a key are inside together, and wait for one who holds it alone")
    func sharing() async throws {
      let locks = KeyLocks<Int>()
      let inside = Tally()
      let mayLeave = Flag()
      func reader() -> Task<Void, any Error> {
        Task {
          try await locks.withAsyncSharedLock(1) {
            inside.add()
            while !mayLeave.isSet { try await Task.sleep(for: .milliseconds(1)) }
          }
        }
      }
      let readers = (0..<5).map { _ in reader() }
      while inside.value < 5 { try await Task.sleep(for: .milliseconds(1)) }
      #expect(locks.heldKeys == 1)
      #expect(locks.withLockIfAvailable(1) {} == nil)
      #expect(locks.withSharedLockIfAvailable(1) { true } == true)
      // A waiter for exclusive access is not overtaken by later waiters for shared access.
      let order = Log()
      let writer = Task { try await locks.withAsyncLock(1) { order.append(1) } }
      while waiting(locks) < 1 { try await Task.sleep(for: .milliseconds(1)) }
      #expect(locks.withSharedLockIfAvailable(1) { true } == nil)
      let late = Task { try await locks.withAsyncSharedLock(1) { order.append(2) } }
      while waiting(locks) < 2 { try await Task.sleep(for: .milliseconds(1)) }
      #expect(inside.value == 5)
      mayLeave.set()
      for reader in readers { try await reader.value }
      try await writer.value
      try await late.value
      #expect(order.all == [1, 2])
      #expect(locks.heldKeys == 0)
    }

    @Test("when one who waits to be alone gives up, those behind it share at once")
    func sharersBehindOneWhoGivesUp() async throws {
      let locks = KeyLocks<Int>()
      let late = Flag()
      try await locks.withAsyncSharedLock(1) {
        let writer = Task { try await locks.withAsyncLock(1) {} }
        while waiting(locks) < 1 { try await Task.sleep(for: .milliseconds(1)) }
        let reader = Task { try await locks.withAsyncSharedLock(1) { late.set() } }
        while waiting(locks) < 2 { try await Task.sleep(for: .milliseconds(1)) }
        writer.cancel()
        #expect(await late.waitAsync())
        await #expect(throws: KeyLockError.cancelled) { try await writer.value }
        try await reader.value
      }
      #expect(locks.heldKeys == 0)
    }

    @Test("threads and tasks that share and do not never meet where they must not")
    func sharingUnderLoad() async throws {
      let locks = KeyLocks<Int>()
      let cells = Cells(6)
      async let threads: Void = Team.run(3) { thread in
        for round in 0..<1500 {
          let key = (round + thread) % 3
          if round.isMultiple(of: 3) {
            locks.withLock(key) {
              cells.numbers[key] += 1
              cells.numbers[key + 3] += 1
            }
          } else {
            locks.withSharedLock(key) { #expect(cells.numbers[key] == cells.numbers[key + 3]) }
          }
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<4 {
          group.addTask {
            for round in 0..<600 {
              let key = (round + task) % 3
              if round.isMultiple(of: 3) {
                try await locks.withAsyncLock(key) {
                  cells.numbers[key] += 1
                  await Task.yield()
                  cells.numbers[key + 3] += 1
                }
              } else {
                try await locks.withAsyncSharedLock(key) {
                  #expect(cells.numbers[key] == cells.numbers[key + 3])
                  if round.isMultiple(of: 20) { await Task.yield() }
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      await threads
      #expect(cells.sum() == 2 * (3 * 500 + 4 * 200))
      #expect(locks.heldKeys == 0)
    }

    @Test("withLockIfAvailable does not wait")
    func ifAvailable() async throws {
      let locks = KeyLocks<String>()
      let inner = try await locks.withAsyncLock("a") {
        (locks.withLockIfAvailable("a") { 1 }, locks.withLockIfAvailable("b") { 2 })
      }
      #expect(inner.0 == nil)
      #expect(inner.1 == 2)
      #expect(locks.withLockIfAvailable("a") { 3 } == 3)
      #expect(locks.heldKeys == 0)
    }
  }
}
