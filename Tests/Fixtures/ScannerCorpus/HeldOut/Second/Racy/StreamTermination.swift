// SPDX-License-Identifier: Apache-2.0
// Shape: a stream's termination handler, which runs wherever the consumer is cancelled, removes from the subscribers.
// expect: unprotected-property Broadcaster.subscribers
import Foundation

final class Broadcaster {
  private var subscribers: [UUID: AsyncStream<Int>.Continuation] = [:]

  func subscribe() -> AsyncStream<Int> {
    let id = UUID()
    return AsyncStream { continuation in
      subscribers[id] = continuation
      continuation.onTermination = { _ in
        self.subscribers.removeValue(forKey: id)
      }
    }
  }

  func send(_ value: Int) {
    for subscriber in subscribers.values {
      subscriber.yield(value)
    }
  }
}
