// SPDX-License-Identifier: Apache-2.0
// Shape: cloudphone-risk-detector #14: a nil or empty check outside the lock that guards every write.
// expect: unguarded-read PrologueGuard.results
import Foundation

final class PrologueGuard {
  private let lock = NSLock()
  private var results: [String: Bool] = [:]

  func rescan() {
    let found = ["open": true]
    lock.lock()
    results = found
    lock.unlock()
  }

  func check() -> Bool {
    if results.isEmpty {
      rescan()
    }
    return lock.withLock { results["open"] ?? false }
  }
}
