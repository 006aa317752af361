// SPDX-License-Identifier: Apache-2.0
// expect: actor-escape Downloads.parts

import Dispatch

actor Downloads {
  nonisolated(unsafe) private var parts: [Int: [UInt8]] = [:]

  func start(_ id: Int) {
    DispatchQueue.global().async {
      self.parts[id] = []
    }
  }

  func part(_ id: Int) -> [UInt8]? { parts[id] }
}
