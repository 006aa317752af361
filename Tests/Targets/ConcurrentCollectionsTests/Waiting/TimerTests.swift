// SPDX-License-Identifier: Apache-2.0
//
// The timer heap and queue: order, cancellation, and memory.

import Foundation
import TestSupport
import Testing

@testable import ConcurrentCollections

private func residentBytes() throws -> Int {
  let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
  let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}

extension ConcurrentCollectionsTests {
  @Suite struct TimerTests {
    @Test("a heap agrees with a sorted list after 20,000 random changes, and shrinks")
    func heap() {
      var random = SeededGenerator(seed: SeededGenerator.runSeed)
      var heap = TimerHeap()
      var model: [TimerEntry] = []
      for step in 0..<20_000 {
        // First it grows, then it shrinks.
        if Int.random(in: 0..<10, using: &random) < (step < 10_000 ? 7 : 3) || model.isEmpty {
          let entry = TimerEntry(at: Moment(nanoseconds: .random(in: 0..<1_000_000, using: &random))) {}
          heap.insert(entry)
          model.append(entry)
        } else if Bool.random(using: &random) {
          let entry = model.remove(at: .random(in: 0..<model.count, using: &random))
          let wasThere = heap.remove(entry)
          #expect(wasThere)
          let isThere = heap.remove(entry)
          #expect(!isThere)
        } else {
          let earliest = model.map(\.deadline).min()
          let due = heap.popDue(at: Moment(nanoseconds: .max - 1), atMost: 1)
          #expect(due.first?.deadline == earliest, "step \(step), seed \(SeededGenerator.runSeed)")
          model.removeAll { $0 === due.first }
        }
        #expect(heap.count == model.count)
      }
      while let entry = model.popLast() { _ = heap.remove(entry) }
      #expect(heap.count == 0)
      #expect(heap.earliest == nil)
      #expect(heap.capacity <= 512, "room for \(heap.capacity) timers is kept for none")
    }

    @Test("timers run in their order, cancelled ones do not")
    func queue() async {
      let order = Log()
      let done = Flag()
      let now = Moment.now
      let last = TimerQueue.shared.add(at: now.advanced(by: .milliseconds(60))) { done.set() }
      for number in [3, 1, 2] {
        let deadline = now.advanced(by: .milliseconds(10 * number))
        #expect(TimerQueue.shared.add(at: deadline) { order.append(number) } != nil)
      }
      let cancelled = TimerQueue.shared.add(at: now.advanced(by: .milliseconds(40))) { order.append(4) }
      if let cancelled { TimerQueue.shared.cancel(cancelled) }
      #expect(await done.waitAsync())
      #expect(order.all == [1, 2, 3])
      #expect(TimerQueue.shared.add(at: Moment(nanoseconds: .max)) {} == nil, "the end of time needs no timer")
      withExtendedLifetime(last) {}
    }

    @Test("20,000 loads and as many waits with an hour's limit keep nothing until then")
    func bytes() async {
      await #expect(processExitsWith: .success) {
        let dictionary = SafeDictionary(LockedDictionary<Int, Int>())
        let locks = KeyLocks<Int>()
        let stripe = locks.stripe(locks.hasher.hash(1))
        func use(_ count: Int) async throws {
          for key in 0..<count {
            let deadline = ContinuousClock.now.advanced(by: .seconds(3600))
            _ = try await dictionary.value(forKey: key, deadline: deadline) { $0 }
            try await dictionary.removeValue(forKey: key)
            try await locks.withAsyncLock(1) {
              let waiter = Task { try await locks.withAsyncLock(1, deadline: deadline) {} }
              while locks.stripes.withLock(stripe, { $0.waiterCount }) == 0 {
                await Task.yield()
              }
              waiter.cancel()
              _ = await waiter.result
            }
          }
        }
        try await use(2000)
        let before = try residentBytes()
        try await use(20_000)
        let grown = try residentBytes() - before
        // One task per timer, until its deadline, would keep 30 MB.
        precondition(grown < 8_000_000, "\(grown) bytes are kept")
        precondition(TimerQueue.shared.count == 0, "\(TimerQueue.shared.count) timers are kept")
        precondition(TimerQueue.shared.capacity <= 512, "room for \(TimerQueue.shared.capacity) timers is kept")
      }
    }
  }
}
