// SPDX-License-Identifier: Apache-2.0

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
    lock.lock()
    let all = Array(observers.values)
    lock.unlock()
    for observer in all { observer() }
  }
}
