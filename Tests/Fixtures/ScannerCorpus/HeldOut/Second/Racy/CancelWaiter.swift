// SPDX-License-Identifier: Apache-2.0
// Shape: the cancellation handler of a waiting task changes the waiters without the lock.
// expect: guarded-elsewhere Gate.waiters
import Foundation

final class Gate: @unchecked Sendable {
  private let lock = NSLock()
  private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]

  func wait(_ id: Int) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        lock.withLock { waiters[id] = continuation }
      }
    } onCancel: {
      waiters.removeValue(forKey: id)?.resume()
    }
  }

  func open() {
    let all = lock.withLock {
      defer { waiters.removeAll() }
      return waiters
    }
    for waiter in all.values { waiter.resume() }
  }
}
