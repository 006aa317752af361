// SPDX-License-Identifier: Apache-2.0
// Shape: pointfreeco/swift-sharing #209: the value is read again after the lock was given back.
// expect: early-unlock SharedReference.values
import Foundation

final class SharedReference {
  private let lock = NSLock()
  private var values: [String: Int] = [:]

  func update(_ key: String, _ value: Int) {
    lock.lock()
    values[key] = value
    lock.unlock()
    save(values)
  }

  func value(_ key: String) -> Int? {
    lock.lock()
    defer { lock.unlock() }
    return values[key]
  }

  private func save(_ snapshot: [String: Int]) {
    print(snapshot.count)
  }
}
