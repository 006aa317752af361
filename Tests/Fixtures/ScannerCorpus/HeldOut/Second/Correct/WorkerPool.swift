// SPDX-License-Identifier: Apache-2.0
// Correct: threads wait for jobs on a condition, work without it, and take it again for the results.
import Foundation

final class WorkerPool {
  private let condition = NSCondition()
  private var jobs: [() -> Int] = []
  private var results: [Int] = []
  private var stopped = false

  func start(_ count: Int) {
    for _ in 0..<count {
      Thread.detachNewThread { self.work() }
    }
  }

  func add(_ job: @escaping () -> Int) {
    condition.lock()
    jobs.append(job)
    condition.signal()
    condition.unlock()
  }

  func stop() -> [Int] {
    condition.lock()
    defer { condition.unlock() }
    stopped = true
    condition.broadcast()
    return results
  }

  private func work() {
    while true {
      condition.lock()
      while jobs.isEmpty && !stopped { condition.wait() }
      if stopped {
        condition.unlock()
        return
      }
      let job = jobs.removeFirst()
      condition.unlock()
      let result = job()
      condition.lock()
      results.append(result)
      condition.unlock()
    }
  }
}
