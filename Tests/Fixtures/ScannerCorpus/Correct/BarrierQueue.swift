// SPDX-License-Identifier: Apache-2.0
// Correct: shared reads, writes with the barrier.
import Foundation

final class Settings {
  private let queue = DispatchQueue(label: "settings", qos: .utility, attributes: .concurrent)
  private var values: [String: String] = [:]

  subscript(key: String) -> String? {
    get { queue.sync { values[key] } }
    set { queue.async(flags: .barrier) { self.values[key] = newValue } }
  }
}
