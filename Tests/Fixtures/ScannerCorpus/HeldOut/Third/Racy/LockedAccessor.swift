// SPDX-License-Identifier: Apache-2.0
// expect: check-then-act Settings.values

import Foundation

final class Settings {
  private let lock = NSLock()
  private var stored: [String: Int] = [:]

  var values: [String: Int] {
    get { lock.withLock { stored } }
    set { lock.withLock { stored = newValue } }
  }

  func count(_ name: String) {
    DispatchQueue.global().async {
      self.values[name, default: 0] += 1
    }
  }
}
