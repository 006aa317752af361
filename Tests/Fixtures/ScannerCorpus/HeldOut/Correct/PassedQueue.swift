// SPDX-License-Identifier: Apache-2.0
// Correct: the queue is passed in and names the serial domain of everything.
import Foundation

final class Domain {
  private let queue: DispatchQueue
  private var values: [String: Int] = [:]

  init(queue: DispatchQueue) {
    self.queue = queue
  }

  func set(_ key: String, _ value: Int) {
    queue.async {
      self.values[key] = value
      self.trim()
    }
  }

  private func trim() {
    dispatchPrecondition(condition: .onQueue(queue))
    if values.count > 100 { values.removeAll() }
  }

  func get(_ key: String, _ done: @escaping @Sendable (Int?) -> Void) {
    queue.async { done(self.values[key]) }
  }
}
