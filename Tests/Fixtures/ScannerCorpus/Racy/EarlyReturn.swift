// SPDX-License-Identifier: Apache-2.0
// Shape: an unlock in the middle and one more mutation behind it.
// expect: early-unlock Registry.names
import Foundation

final class Registry {
  private let lock = NSRecursiveLock()
  private var names: Set<String> = []

  func insert(_ name: String) -> Bool {
    lock.lock()
    let known = names.contains(name)
    lock.unlock()
    if known {
      return false
    }
    names.insert(name)
    return true
  }

  func all() -> [String] {
    lock.lock()
    defer { lock.unlock() }
    return names.sorted()
  }
}
