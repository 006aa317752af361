// SPDX-License-Identifier: Apache-2.0
// Shape: a cache moves what was read to the end of its order, under the reading side of the lock.
// expect: missing-barrier RecentCache.order
import Foundation

final class RecentCache {
  private var access = pthread_rwlock_t()
  private var values: [String: Int] = [:]
  private var order: [String] = []

  init() {
    pthread_rwlock_init(&access, nil)
  }

  func get(_ key: String) -> Int? {
    pthread_rwlock_rdlock(&access)
    defer { pthread_rwlock_unlock(&access) }
    guard let value = values[key] else { return nil }
    order.removeAll { $0 == key }
    order.append(key)
    return value
  }

  func set(_ key: String, _ value: Int) {
    pthread_rwlock_wrlock(&access)
    defer { pthread_rwlock_unlock(&access) }
    values[key] = value
    order.append(key)
    if order.count > 100 {
      values.removeValue(forKey: order.removeFirst())
    }
  }
}
