// SPDX-License-Identifier: Apache-2.0
// Correct: subscribers of streams are kept in a mutex, the termination handler included.
import Foundation
import Synchronization

final class StreamHub: Sendable {
  private let subscribers = Mutex<[UUID: AsyncStream<Int>.Continuation]>([:])

  func subscribe() -> AsyncStream<Int> {
    let id = UUID()
    let (stream, continuation) = AsyncStream<Int>.makeStream()
    subscribers.withLock { $0[id] = continuation }
    continuation.onTermination = { [weak self] _ in
      _ = self?.subscribers.withLock { $0.removeValue(forKey: id) }
    }
    return stream
  }

  func send(_ value: Int) {
    let all = subscribers.withLock { Array($0.values) }
    for subscriber in all { subscriber.yield(value) }
  }
}
