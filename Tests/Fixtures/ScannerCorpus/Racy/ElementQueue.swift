// SPDX-License-Identifier: Apache-2.0
// Shape: aptabase/aptabase-swift #38: a concurrent queue whose removals lack the barrier.
// expect: missing-barrier ElementQueue.elements
import Foundation

final class ElementQueue {
  private let queue = DispatchQueue(label: "elements", attributes: .concurrent)
  private var elements: [Int] = []

  func enqueue(_ element: Int) {
    queue.async(flags: .barrier) {
      self.elements.append(element)
    }
  }

  func dequeue() -> Int? {
    var first: Int?
    queue.sync {
      if !self.elements.isEmpty {
        first = self.elements.removeFirst()
      }
    }
    return first
  }

  var count: Int {
    queue.sync { elements.count }
  }
}
