// SPDX-License-Identifier: Apache-2.0
// expect: unguarded-read ConnectionPool.idle

import Foundation

final class ConnectionPool {
  private let lock = NSLock()
  private var idle: [Int] = []

  func giveBack(_ connection: Int) {
    lock.lock()
    defer { lock.unlock() }
    idle.append(connection)
  }

  func take() -> Int? {
    guard !idle.isEmpty else { return nil }
    lock.lock()
    defer { lock.unlock() }
    return idle.popLast()
  }
}
