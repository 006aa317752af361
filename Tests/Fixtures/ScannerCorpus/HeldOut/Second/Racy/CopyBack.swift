// SPDX-License-Identifier: Apache-2.0
// Shape: a mutex is opened to take a copy, and opened again to put the changed copy back.
// expect: check-then-act Settings.values
import Synchronization

final class Settings: Sendable {
  private let values = Mutex<[String: String]>([:])

  func value(_ key: String) -> String? {
    values.withLock { $0[key] }
  }

  func set(_ key: String, _ value: String) {
    var copy = values.withLock { $0 }
    copy[key] = value
    values.withLock { $0 = copy }
  }
}
