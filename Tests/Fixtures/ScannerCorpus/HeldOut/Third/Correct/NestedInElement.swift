// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Rooms {
  private let queue = DispatchQueue(label: "rooms")
  private var members: [String: Set<Int>] = [:]

  func join(_ room: String, _ id: Int) {
    queue.async { [weak self] in
      guard let self else { return }
      self.members[room, default: []].insert(id)
    }
  }

  func leave(_ room: String, _ id: Int) {
    queue.async { self.members[room]?.remove(id) }
  }
}
