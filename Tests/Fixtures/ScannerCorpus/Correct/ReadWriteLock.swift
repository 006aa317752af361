// SPDX-License-Identifier: Apache-2.0
// Correct: a pthread read-write lock, write side for every mutation.
import Foundation

final class Routes {
  private var lock = pthread_rwlock_t()
  private var routes: [String: String] = [:]

  init() {
    pthread_rwlock_init(&lock, nil)
  }

  func route(_ path: String) -> String? {
    pthread_rwlock_rdlock(&lock)
    defer { pthread_rwlock_unlock(&lock) }
    return routes[path]
  }

  func add(_ path: String, _ target: String) {
    pthread_rwlock_wrlock(&lock)
    defer { pthread_rwlock_unlock(&lock) }
    routes[path] = target
  }
}
