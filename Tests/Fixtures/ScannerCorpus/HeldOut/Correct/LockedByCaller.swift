// SPDX-License-Identifier: Apache-2.0
// Correct: a helper class without a lock, used only under its owner's lock.
import Foundation

final class Ring {
  private var slots: [Int] = []

  func push(_ value: Int) {
    slots.append(value)
    if slots.count > 8 { slots.removeFirst() }
  }

  var sum: Int { slots.reduce(0, +) }
}

final class Meter {
  private let lock = NSLock()
  private let ring = Ring()

  func record(_ value: Int) {
    lock.withLock { ring.push(value) }
  }

  func recordLater(_ value: Int) {
    DispatchQueue.global().async {
      self.lock.withLock { self.ring.push(value) }
    }
  }

  var total: Int { lock.withLock { ring.sum } }
}
