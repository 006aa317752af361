// SPDX-License-Identifier: Apache-2.0
//
// Values that expire: a race with a rare sweep. Reads and writes hold the lock; the sweep was
// forgotten.

import Foundation

public final class ExpiringStore: @unchecked Sendable {
  private let lock = NSLock()
  private var expiries: [Int: Int] = [:]

  public init() {}

  public func put(_ key: Int, until: Int) {
    lock.lock()
    defer { lock.unlock() }
    expiries[key] = until
  }

  public func sweep(now: Int) {
    for key in 0..<4 where (expiries[key] ?? now) < now {
      expiries.removeValue(forKey: key)
    }
  }
}
