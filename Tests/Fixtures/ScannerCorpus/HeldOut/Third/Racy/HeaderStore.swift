// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Loop.pending

import Dispatch

final class Channel {
  enum State { case idle, open }
  var state = State.idle
}

struct Pending { var names: [String] = [] }

final class Loop {
  private var pending: [Pending] = []

  func submit(_ one: Pending) {
    DispatchQueue.global().async {
      self.pending.append(one)
    }
  }

  func drain() -> [Pending] {
    defer { pending = [] }
    return pending
  }
}
