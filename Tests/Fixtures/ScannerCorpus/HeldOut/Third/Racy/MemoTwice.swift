// SPDX-License-Identifier: Apache-2.0
// expect: check-then-act Memo.known

import Foundation

final class Memo {
  private let lock = NSLock()
  private var known: [Int: Int] = [:]

  func value(_ key: Int, _ make: (Int) -> Int) -> Int {
    lock.lock()
    let found = known[key]
    lock.unlock()
    if let found { return found }
    let made = make(key)
    lock.lock()
    known[key] = made
    lock.unlock()
    return made
  }
}
