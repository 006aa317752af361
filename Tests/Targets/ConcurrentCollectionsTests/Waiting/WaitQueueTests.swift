// SPDX-License-Identifier: Apache-2.0
//
// The queue of waiters: order, and the cost of leaving from the middle.

import Foundation
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct WaitQueueTests {
    @Test("waiters leave from anywhere, the others keep their order")
    func order() {
      var queue = WaitQueue()
      let waiters = (0..<9).map { Waiter(tag: $0) }
      for waiter in waiters { queue.append(waiter) }
      for index in [4, 0, 8, 5] {
        let wasThere = queue.remove(waiters[index])
        #expect(wasThere)
        let isThere = queue.remove(waiters[index])
        #expect(!isThere, "it has left")
      }
      var left: [Int] = []
      while let waiter = queue.popFirst() { left.append(waiter.tag) }
      #expect(left == [1, 2, 3, 6, 7])
      #expect(queue.count == 0)
      queue.append(waiters[4])
      #expect(queue.first === waiters[4], "one who has left may come again")
    }

    private final class Cell: @unchecked Sendable {
      var number = 0
    }

    /// The runtime orders such a resumption by a word that ThreadSanitizer does not see: it reports
    /// the cell where nothing else orders the two.
    @Test("what comes before a resumption is seen where the task has not suspended itself yet")
    func earlyResumption() async {
      let cell = Cell()
      let value = await OrderedContinuation<Int>.suspend { continuation in
        Thread.detachNewThread {
          cell.number = 1
          continuation.resume(returning: 2)
        }
        usleep(50_000)
      }
      #expect(value == 2)
      #expect(cell.number == 1)
    }

    @Test("leaving the queue takes as long with 30,000 waiters as with a thousand")
    func constantTime() {
      // The processor time of this thread, in nanoseconds, for each waiter that leaves from the end
      // of the queue.
      func cost(_ count: Int) -> Double {
        (0..<5).map { _ in
          var queue = WaitQueue()
          let waiters = (0..<count).map { Waiter(tag: $0) }
          for waiter in waiters { queue.append(waiter) }
          let start = processorTime()
          for waiter in waiters.reversed() { _ = queue.remove(waiter) }
          return Double(processorTime() - start) / Double(count)
        }.min() ?? 0
      }
      let (few, many) = (cost(1000), cost(30_000))
      // A search from the front would take thirty times as long.
      #expect(many < few * 10, "\(few) ns with a thousand, \(many) ns with 30,000")
    }

    private func processorTime() -> Int {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    @Test("a queue that ends with many waiters in it does not use up the stack")
    func longQueueEnds() {
      var queue = WaitQueue()
      for tag in 0..<300_000 { queue.append(Waiter(tag: tag)) }
      #expect(queue.count == 300_000)
    }
  }
}
