// SPDX-License-Identifier: Apache-2.0
// Shape: the lock is held where the task is made, not where it runs.
// expect: guarded-elsewhere Ledger.entries
import Foundation

final class Ledger: @unchecked Sendable {
  private let lock = NSLock()
  private var entries: [String: Int] = [:]

  func total() -> Int {
    lock.withLock { entries.values.reduce(0, +) }
  }

  func set(_ name: String, _ amount: Int) {
    lock.withLock { entries[name] = amount }
  }

  func settle(_ name: String) {
    lock.withLock {
      guard entries[name] != nil else { return }
      Task {
        entries[name] = 0
      }
    }
  }
}
