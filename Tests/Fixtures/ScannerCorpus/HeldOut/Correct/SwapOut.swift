// SPDX-License-Identifier: Apache-2.0
// Correct: the batch is swapped out under the lock and used as a constant afterwards.
import Foundation

final class Batcher {
  private let lock = NSLock()
  private var batch: [String] = []

  func add(_ event: String) {
    lock.lock()
    batch.append(event)
    lock.unlock()
  }

  func flush(_ send: @escaping @Sendable ([String]) -> Void) {
    lock.lock()
    let full = batch
    batch = []
    lock.unlock()
    DispatchQueue.global().async { send(full) }
  }
}
