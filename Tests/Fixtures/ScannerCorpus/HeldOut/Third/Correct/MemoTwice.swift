// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Memo {
  private let lock = NSLock()
  private var known: [Int: Int] = [:]

  func value(_ key: Int, _ make: (Int) -> Int) -> Int {
    lock.lock()
    defer { lock.unlock() }
    if let found = known[key] { return found }
    let made = make(key)
    known[key] = made
    return made
  }
}
