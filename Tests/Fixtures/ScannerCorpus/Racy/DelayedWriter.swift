// SPDX-License-Identifier: Apache-2.0
// Shape: Tealium/tealium-swift #112: asyncAfter on a concurrent queue forgets the barrier flag.
// expect: missing-barrier DelayedWriter.values
import Foundation

final class DelayedWriter {
  private let access = DispatchQueue(label: "access", attributes: [.concurrent])
  private var values: [String: Int] = [:]

  func read(_ key: String) -> Int? {
    access.sync { values[key] }
  }

  func write(_ key: String, _ value: Int) {
    access.async(flags: .barrier) { self.values[key] = value }
  }

  func writeLater(_ key: String, _ value: Int) {
    access.asyncAfter(deadline: .now() + 1) { self.values[key] = value }
  }
}
