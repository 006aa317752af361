// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Player.tracks

import Dispatch

final class Player {
  private var tracks: [Int: String]?

  func open() {
    DispatchQueue.global().async { self.tracks = [:] }
  }

  func add(_ id: Int, _ name: String) { tracks?[id] = name }
}
