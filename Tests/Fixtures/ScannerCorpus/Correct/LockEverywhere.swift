// SPDX-License-Identifier: Apache-2.0
// Correct: one lock, with defer, in every method, also through an early return.
import Foundation

final class Names: @unchecked Sendable {
  private let lock = NSLock()
  private var names: [Int: String] = [:]

  init(_ initial: [Int: String]) {
    names = initial
    names[0] = "root"
  }

  func name(_ id: Int) -> String? {
    lock.lock()
    defer { lock.unlock() }
    guard id > 0 else { return nil }
    return names[id]
  }

  func set(_ id: Int, _ name: String) {
    lock.lock()
    if names[id] != nil {
      lock.unlock()
      return
    }
    names[id] = name
    lock.unlock()
  }
}
