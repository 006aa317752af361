// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Flags {
  private let queue = DispatchQueue(label: "flags", attributes: .concurrent)
  private var values: [String: Bool] = [:]

  subscript(name: String) -> Bool {
    get { queue.sync { values[name] ?? false } }
    set { queue.async(flags: .barrier) { self.values[name] = newValue } }
  }
}
