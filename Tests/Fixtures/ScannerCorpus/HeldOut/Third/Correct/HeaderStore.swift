// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Channel {
  enum State { case idle, open }
  var state = State.idle
}

struct Pending { var names: [String] = [] }

final class Loop {
  private let queue = DispatchQueue(label: "loop")
  private var pending: [Pending] = []

  func submit(_ one: Pending) {
    queue.async {
      self.pending.append(one)
    }
  }

  func drain() -> [Pending] {
    queue.sync {
      defer { pending = [] }
      return pending
    }
  }
}
