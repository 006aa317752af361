// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Rooms.members

import Dispatch

final class Rooms {
  private var members: [String: Set<Int>] = [:]

  func join(_ room: String, _ id: Int) {
    DispatchQueue.global(qos: .utility).async { [weak self] in
      guard let self else { return }
      self.members[room, default: []].insert(id)
    }
  }

  func leave(_ room: String, _ id: Int) {
    members[room]?.remove(id)
  }
}
