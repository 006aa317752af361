// SPDX-License-Identifier: Apache-2.0
// Correct: a bounded queue with a condition variable.
import Foundation

final class BlockingQueue {
  private let condition = NSCondition()
  private var items: [Int] = []

  func put(_ item: Int) {
    condition.lock()
    items.append(item)
    condition.signal()
    condition.unlock()
  }

  func take() -> Int {
    condition.lock()
    defer { condition.unlock() }
    while items.isEmpty {
      condition.wait()
    }
    return items.removeFirst()
  }
}
