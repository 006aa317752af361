// SPDX-License-Identifier: Apache-2.0
// expect: guarded-elsewhere Mailbox.letters

import Foundation

extension Array {
  mutating func takeAll() -> [Element] {
    defer { removeAll() }
    return self
  }
}

final class Mailbox {
  private let lock = NSLock()
  private var letters: [String] = []

  func put(_ letter: String) { lock.withLock { letters.append(letter) } }
  func count() -> Int { lock.withLock { letters.count } }
  func empty() -> [String] { letters.takeAll() }
}
