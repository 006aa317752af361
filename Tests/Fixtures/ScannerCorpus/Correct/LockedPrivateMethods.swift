// SPDX-License-Identifier: Apache-2.0
// Correct: private methods that are only called with the lock held.
import Foundation

final class Cache {
  private let lock = NSLock()
  private var entries: [String: Int] = [:]
  private var order: [String] = []

  func insert(_ key: String, _ value: Int) {
    lock.lock()
    defer { lock.unlock() }
    entries[key] = value
    touch(key)
    trim()
  }

  func value(_ key: String) -> Int? {
    lock.withLock {
      touch(key)
      return entries[key]
    }
  }

  private func touch(_ key: String) {
    order.removeAll { $0 == key }
    order.append(key)
  }

  private func trim() {
    while order.count > 10 {
      remove(order.removeFirst())
    }
  }

  private func remove(_ key: String) {
    entries[key] = nil
  }
}
