// SPDX-License-Identifier: Apache-2.0
// Correct: a sweep that gives up when somebody else holds the lock.
import Foundation

final class Sweeper {
  private let lock = NSLock()
  private var items: [String: Date] = [:]

  func touch(_ name: String) {
    lock.lock()
    items[name] = Date()
    lock.unlock()
  }

  func sweep(before date: Date) {
    guard lock.try() else { return }
    defer { lock.unlock() }
    items = items.filter { $0.value >= date }
  }

  func contains(_ name: String) -> Bool {
    if lock.lock(before: Date(timeIntervalSinceNow: 1)) {
      defer { lock.unlock() }
      return items[name] != nil
    }
    return false
  }
}
