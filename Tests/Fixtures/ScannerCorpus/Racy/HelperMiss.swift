// SPDX-License-Identifier: Apache-2.0
// Shape: the module has its own synchronized helper; one method forgot it.
// expect: guarded-elsewhere Inbox.messages
import Foundation

final class Inbox {
  private let mutex = NSLock()
  private var messages: [Int: String] = [:]

  private func synchronized<Result>(_ body: () throws -> Result) rethrows -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    return try body()
  }

  func put(_ id: Int, _ text: String) {
    synchronized { messages[id] = text }
  }

  func get(_ id: Int) -> String? {
    synchronized { messages[id] }
  }

  func clear() {
    messages.removeAll()
  }
}
