// SPDX-License-Identifier: Apache-2.0
// Correct: the locked property yields under the lock, so a change of one key is one scope.
import Foundation

final class Flags {
  private let lock = NSLock()
  private var storage: [String: Bool] = [:]

  var flags: [String: Bool] {
    get { lock.withLock { storage } }
    _modify {
      lock.lock()
      defer { lock.unlock() }
      yield &storage
    }
  }

  func raise(_ name: String) {
    flags[name] = true
  }
}
