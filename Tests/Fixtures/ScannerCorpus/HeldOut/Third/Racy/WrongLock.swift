// SPDX-License-Identifier: Apache-2.0
// expect: two-guards Bank.balances

import Foundation

final class Bank {
  private let readLock = NSLock()
  private let writeLock = NSLock()
  private var balances: [String: Int] = [:]

  func put(_ name: String, _ amount: Int) { writeLock.withLock { balances[name] = amount } }
  func get(_ name: String) -> Int? { readLock.withLock { balances[name] } }
}
