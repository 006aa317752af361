// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Loop.state

import Dispatch

final class Channel {
  enum State { case idle, open }
  private var state = State.idle
  func open() { state = .open }
}

final class Loop {
  struct State { var tasks: [Int] = [] }
  private var state = State()

  func start(_ task: Int) {
    DispatchQueue.global().async {
      self.state.tasks.append(task)
    }
  }

  func count() -> Int { state.tasks.count }
}
