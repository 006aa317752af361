// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Bank {
  private let lock = NSLock()
  private var balances: [String: Int] = [:]

  func put(_ name: String, _ amount: Int) { lock.withLock { balances[name] = amount } }
  func get(_ name: String) -> Int? { lock.withLock { balances[name] } }
}
