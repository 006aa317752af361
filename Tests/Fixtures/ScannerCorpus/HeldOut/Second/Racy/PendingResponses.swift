// SPDX-License-Identifier: Apache-2.0
// Shape: expo/expo #48147: of two collections of one sendable class only one got the lock.
// expect: unchecked-sendable Manager.pendingResponses
import Foundation

final class Manager: @unchecked Sendable {
  static let shared = Manager()

  private let lock = NSLock()
  private var delegates: [Int: (String) -> Bool] = [:]
  private var pendingResponses: [String] = []

  func add(_ id: Int, _ delegate: @escaping (String) -> Bool) {
    lock.withLock { delegates[id] = delegate }
    pendingResponses.removeAll { delegate($0) }
  }

  func remove(_ id: Int) {
    lock.withLock { delegates[id] = nil }
  }

  func received(_ response: String) {
    let all = lock.withLock { Array(delegates.values) }
    for delegate in all where delegate(response) { return }
    pendingResponses.append(response)
  }
}
