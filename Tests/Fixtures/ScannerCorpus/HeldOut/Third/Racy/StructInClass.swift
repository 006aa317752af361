// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Engine.state

import Dispatch

final class Engine {
  private struct State {
    var queue: [Int] = []
    mutating func push(_ value: Int) { queue.append(value) }
  }
  private var state = State()

  func post(_ value: Int) {
    DispatchQueue.global().async { self.state.push(value) }
  }

  func size() -> Int { state.queue.count }
}
