// SPDX-License-Identifier: Apache-2.0
// Correct: waiters are added, resumed and cancelled under one lock.
import Foundation

final class CancellableGate: @unchecked Sendable {
  private let lock = NSLock()
  private var isOpen = false
  private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]

  func wait(_ id: Int) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let passes = lock.withLock {
          if isOpen { return true }
          waiters[id] = continuation
          return false
        }
        if passes { continuation.resume() }
      }
    } onCancel: {
      let waiter = lock.withLock { waiters.removeValue(forKey: id) }
      waiter?.resume()
    }
  }

  func open() {
    lock.lock()
    isOpen = true
    let all = waiters
    waiters = [:]
    lock.unlock()
    all.values.forEach { $0.resume() }
  }
}
