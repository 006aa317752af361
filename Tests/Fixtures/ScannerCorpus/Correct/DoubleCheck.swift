// SPDX-License-Identifier: Apache-2.0
// Correct: checked again inside the second lock scope before acting.
import Foundation

final class Pool {
  private let lock = NSLock()
  private var connections: [String: Int] = [:]

  func connection(_ host: String) -> Int {
    lock.lock()
    if let existing = connections[host] {
      lock.unlock()
      return existing
    }
    lock.unlock()
    let made = host.count
    lock.lock()
    defer { lock.unlock() }
    if let existing = connections[host] {
      return existing
    }
    connections[host] = made
    return made
  }
}
