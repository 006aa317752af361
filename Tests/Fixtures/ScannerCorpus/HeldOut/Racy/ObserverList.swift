// SPDX-License-Identifier: Apache-2.0
// Shape: observers are walked and changed with different locks held.
// expect: two-guards Center.observers
import Foundation

final class Center {
  private let addLock = NSLock()
  private let postQueue = DispatchQueue(label: "post")
  private var observers: [() -> Void] = []

  func add(_ observer: @escaping () -> Void) {
    addLock.lock()
    observers.append(observer)
    addLock.unlock()
  }

  func reset() {
    addLock.lock()
    observers = []
    addLock.unlock()
  }

  func post() {
    postQueue.async {
      for observer in self.observers { observer() }
    }
  }
}
