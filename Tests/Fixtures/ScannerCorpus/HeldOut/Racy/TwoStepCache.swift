// SPDX-License-Identifier: Apache-2.0
// Shape: a cache with a locked get and a locked set, used as one step by its own method.
// expect: check-then-act Cache.values
import Foundation

final class Cache {
  private let lock = NSLock()
  private var values: [String: Int] = [:]

  func get(_ key: String) -> Int? {
    lock.withLock { values[key] }
  }

  func set(_ key: String, _ value: Int) {
    lock.withLock { values[key] = value }
  }

  func increment(_ key: String) {
    set(key, (get(key) ?? 0) + 1)
  }
}
