// SPDX-License-Identifier: Apache-2.0
// Shape: a lock extension of the module's own; one accessor of the class does without.
// expect: unguarded-read Names.names
import Foundation

extension NSLock {
  func exclusively<Result>(_ work: () throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try work()
  }
}

final class Names {
  private let lock = NSLock()
  private var names: [String] = []

  func add(_ name: String) {
    lock.exclusively { names.append(name) }
  }

  func joined() -> String {
    names.joined(separator: ",")
  }
}
