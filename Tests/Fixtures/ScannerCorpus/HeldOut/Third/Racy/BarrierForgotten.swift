// SPDX-License-Identifier: Apache-2.0
// expect: missing-barrier Flags.values

import Dispatch

final class Flags {
  private let queue = DispatchQueue(label: "flags", attributes: .concurrent)
  private var values: [String: Bool] = [:]

  subscript(name: String) -> Bool {
    get { queue.sync { values[name] ?? false } }
    set { queue.async { self.values[name] = newValue } }
  }
}
