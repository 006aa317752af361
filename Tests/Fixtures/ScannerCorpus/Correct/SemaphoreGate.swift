// SPDX-License-Identifier: Apache-2.0
// Correct: a semaphore with one permit used as a lock.
import Foundation

final class Gate {
  private let semaphore = DispatchSemaphore(value: 1)
  private var open: Set<Int> = []

  func enter(_ id: Int) -> Bool {
    semaphore.wait()
    defer { semaphore.signal() }
    return open.insert(id).inserted
  }

  func leave(_ id: Int) {
    semaphore.wait()
    open.remove(id)
    semaphore.signal()
  }
}
