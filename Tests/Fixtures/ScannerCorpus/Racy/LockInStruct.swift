// SPDX-License-Identifier: Apache-2.0
// Shape: a struct carries its lock as a value; the variable that holds it is written before the lock is taken.
// expect: lock-in-struct LockedTable
import Foundation

struct LockedTable {
  private let lock = NSLock()
  private var rows: [String: Int] = [:]

  mutating func set(_ key: String, _ value: Int) {
    lock.lock()
    defer { lock.unlock() }
    rows[key] = value
  }
}

final class Service {
  private var table = LockedTable()

  func update(_ key: String) {
    table.set(key, 1)
  }
}
