// SPDX-License-Identifier: Apache-2.0

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
      self.lock.withLock { self.stored[name, default: 0] += 1 }
    }
  }
}
