// SPDX-License-Identifier: Apache-2.0
// Correct: methods that must run on the queue say so with a precondition.
import Dispatch

final class Connection {
  private let queue: DispatchQueue
  private var waiting: [String] = []

  init(queue: DispatchQueue) {
    self.queue = queue
  }

  func send(_ line: String) {
    queue.async {
      self.enqueue(line)
      self.drain()
    }
  }

  func enqueue(_ line: String) {
    dispatchPrecondition(condition: .onQueue(queue))
    waiting.append(line)
  }

  func drain() {
    dispatchPrecondition(condition: .onQueue(queue))
    while !waiting.isEmpty { print(waiting.removeFirst()) }
  }
}
