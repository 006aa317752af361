// SPDX-License-Identifier: Apache-2.0
// Shape: a computed property locks in get and in set, so a change of one key is two lock scopes.
// expect: check-then-act Sessions.sessions
import Foundation

final class Sessions {
  private let lock = NSLock()
  private var storage: [String: Int] = [:]

  var sessions: [String: Int] {
    get { lock.withLock { storage } }
    set { lock.withLock { storage = newValue } }
  }

  func open(_ name: String) {
    sessions[name] = 1
  }
}
