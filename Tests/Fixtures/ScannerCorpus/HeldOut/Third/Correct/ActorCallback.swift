// SPDX-License-Identifier: Apache-2.0

import Dispatch

actor Downloads {
  private var parts: [Int: [UInt8]] = [:]

  func start(_ id: Int) {
    DispatchQueue.global().async {
      Task { await self.store(id) }
    }
  }

  private func store(_ id: Int) { parts[id] = [] }
  func part(_ id: Int) -> [UInt8]? { parts[id] }
}
