// SPDX-License-Identifier: Apache-2.0
// Shape: Kitura/Kitura-net #284: handlers registered under a lock, swept without it.
// expect: guarded-elsewhere SocketManager.handlers
import Foundation

final class SocketManager {
  private let lock = NSLock()
  private var handlers: [Int32: String] = [:]

  func handle(_ descriptor: Int32, name: String) {
    lock.lock()
    defer { lock.unlock() }
    handlers[descriptor] = name
  }

  func name(_ descriptor: Int32) -> String? {
    lock.lock()
    defer { lock.unlock() }
    return handlers[descriptor]
  }

  func removeIdle() {
    for descriptor in [Int32(1), 2, 3] {
      handlers.removeValue(forKey: descriptor)
    }
  }
}
