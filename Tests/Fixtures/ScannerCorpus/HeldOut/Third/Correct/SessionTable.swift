// SPDX-License-Identifier: Apache-2.0

import Foundation

actor SessionTable {
  private var sessions: [String: Date] = [:]

  nonisolated func open(_ id: String) {
    Task.detached {
      await self.store(id)
    }
  }

  private func store(_ id: String) { sessions[id] = Date() }

  func isOpen(_ id: String) -> Bool { sessions[id] != nil }
}
