// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Player {
  private let queue = DispatchQueue(label: "player")
  private var tracks: [Int: String]?

  func open() {
    queue.async { self.tracks = [:] }
  }

  func add(_ id: Int, _ name: String) { queue.sync { tracks?[id] = name } }
}
