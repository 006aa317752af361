// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Dispatch

final class Engine: Sendable {
  private struct State {
    var queue: [Int] = []
    mutating func push(_ value: Int) { queue.append(value) }
  }
  private let state = Mutex(State())

  func post(_ value: Int) {
    DispatchQueue.global().async { self.state.withLock { $0.push(value) } }
  }

  func size() -> Int { state.withLock { $0.queue.count } }
}
