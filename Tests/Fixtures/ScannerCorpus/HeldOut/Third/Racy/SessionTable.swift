// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property SessionTable.sessions

import Foundation

final class SessionTable {
  private var sessions: [String: Date] = [:]

  func open(_ id: String) {
    Task.detached {
      self.sessions[id] = Date()
    }
  }

  func isOpen(_ id: String) -> Bool { sessions[id] != nil }
}
