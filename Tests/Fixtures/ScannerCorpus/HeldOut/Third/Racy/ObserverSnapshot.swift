// SPDX-License-Identifier: Apache-2.0
// expect: unguarded-read Center.observers

import Foundation

final class Center {
  private let lock = NSRecursiveLock()
  private var observers: [Int: () -> Void] = [:]

  func add(_ id: Int, _ observer: @escaping () -> Void) {
    lock.lock(); defer { lock.unlock() }
    observers[id] = observer
  }

  func remove(_ id: Int) {
    lock.lock(); defer { lock.unlock() }
    observers[id] = nil
  }

  func post() {
    for observer in observers.values { observer() }
  }
}
