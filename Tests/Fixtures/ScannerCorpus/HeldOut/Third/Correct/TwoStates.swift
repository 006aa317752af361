// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Channel {
  enum State { case idle, open }
  private var state = State.idle

  func open() {
    DispatchQueue.global().async { self.state = .open }
  }

  var isOpen: Bool { state == .open }
}

final class Loop {
  struct State { var tasks: [Int] = [] }
  private var state = State()

  func start(_ task: Int) { state.tasks.append(task) }
  func count() -> Int { state.tasks.count }
}
