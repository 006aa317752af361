// SPDX-License-Identifier: Apache-2.0
// Shape: a static table guarded by a lock that each instance has for itself.
// expect: mutable-global Formatter.formats
import Foundation

final class Formatter {
  private static var formats: [String: String] = [:]
  private let lock = NSLock()

  func register(_ name: String, _ format: String) {
    lock.lock()
    defer { lock.unlock() }
    Formatter.formats[name] = format
  }

  func format(_ name: String) -> String? {
    lock.lock()
    defer { lock.unlock() }
    return Formatter.formats[name]
  }
}
