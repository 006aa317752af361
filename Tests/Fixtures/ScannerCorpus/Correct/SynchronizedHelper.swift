// SPDX-License-Identifier: Apache-2.0
// Correct: the module's own helper, used everywhere.
import Foundation

class Synchronised {
  fileprivate let mutex = NSRecursiveLock()

  func guarded<Result>(_ body: () -> Result) -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    return body()
  }
}

final class Tokens: Synchronised {
  private var tokens: Set<String> = []

  func insert(_ token: String) {
    guarded { _ = tokens.insert(token) }
  }

  func contains(_ token: String) -> Bool {
    guarded { tokens.contains(token) }
  }
}
