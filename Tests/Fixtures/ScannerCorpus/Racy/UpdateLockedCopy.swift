// SPDX-License-Identifier: Apache-2.0
// Shape: realm/SwiftLint #1941: handlers changed directly while others look them up under a lock.
// expect: guarded-elsewhere AssertHandlers.handlers
import Foundation

final class AssertHandlers {
  static let shared = AssertHandlers()
  private var handlers: [String: () -> Void] = [:]
  private let queue = DispatchQueue(label: "handlers")

  func handler(_ name: String) -> (() -> Void)? {
    queue.sync { handlers[name] }
  }

  func drop(_ name: String) {
    queue.sync { _ = handlers.removeValue(forKey: name) }
  }

  func add(_ name: String, _ body: @escaping () -> Void) {
    handlers[name] = body
  }
}
