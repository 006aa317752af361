// SPDX-License-Identifier: Apache-2.0
//
// Tasks that wait for a lock leave the pool's threads to other tasks.

import Foundation
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite(.timeLimit(.minutes(3))) struct OffPoolTests {
    private struct Stop: Error {}

    @Test("while more tasks than cores wait for a lock, an unrelated task runs")
    func poolIsFree() async throws {
      let dictionary = LockedDictionary<Int, Int>()
      let isHeld = Flag()
      let mayLeave = Flag()
      async let holder: Void = Team.run(1) { _ in
        dictionary.withExclusive { _ in
          isHeld.set()
          while !mayLeave.isSet { usleep(1000) }
        }
      }
      #expect(await isHeld.waitAsync())
      let count = 4 * ProcessInfo.processInfo.activeProcessorCount
      let begun = Tally()
      let waiters = (0..<count).map { number in
        Task.detached {
          begun.add()
          return await dictionary.offPool { dictionary in
            dictionary.updateValue(number, forKey: number)
            return number
          }
        }
      }
      // Each of them occupies a thread of the pool until it waits. If it kept the thread, the tasks
      // after the first ones would never begin.
      while begun.value < count { try await Task.sleep(for: .milliseconds(1)) }
      let unrelated = await Task.detached { 42 }.value
      #expect(unrelated == 42)
      #expect(WaitingThreads.shared.threadCount <= WaitingThreads.most)
      mayLeave.set()
      var sum = 0
      for waiter in waiters { sum += await waiter.value }
      await holder
      #expect(sum == count * (count - 1) / 2)
      #expect(dictionary.count == count)
    }

    @Test("errors and results come back, and a hundred calls need no more than the threads there are")
    func results() async throws {
      let dictionary = ShardedDictionary<Int, Int>()
      await #expect(throws: Stop.self) {
        try await dictionary.offPool { (_: ShardedDictionary<Int, Int>) throws(Stop) -> Int in throw Stop() }
      }
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<100 {
          group.addTask { await dictionary.offPool { _ = $0.updateValue(number, forKey: number) } }
        }
      }
      #expect(dictionary.count == 100)
      #expect(WaitingThreads.shared.threadCount <= WaitingThreads.most)
    }
  }
}
