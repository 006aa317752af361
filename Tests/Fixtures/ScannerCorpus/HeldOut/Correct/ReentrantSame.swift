// SPDX-License-Identifier: Apache-2.0
// Correct: a recursive lock taken twice on the way to the collection.
import Foundation

final class Tree {
  private let lock = NSRecursiveLock()
  private var children: [String: [String]] = [:]

  func add(_ child: String, to parent: String) {
    lock.lock()
    defer { lock.unlock() }
    if !has(child, in: parent) {
      children[parent, default: []].append(child)
    }
  }

  func has(_ child: String, in parent: String) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    return children[parent]?.contains(child) ?? false
  }
}
