// SPDX-License-Identifier: Apache-2.0
// Correct: a snapshot is taken under the lock, the closure works on its own copy.
import Foundation

final class Publisher {
  private let lock = NSLock()
  private var subscribers: [Int: (String) -> Void] = [:]

  func subscribe(_ id: Int, _ body: @escaping (String) -> Void) {
    lock.lock()
    subscribers[id] = body
    lock.unlock()
  }

  func publish(_ text: String) {
    lock.lock()
    let snapshot = subscribers
    lock.unlock()
    DispatchQueue.concurrentPerform(iterations: snapshot.count) { index in
      snapshot[index]?(text)
    }
  }
}
