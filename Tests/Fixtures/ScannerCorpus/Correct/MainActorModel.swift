// SPDX-License-Identifier: Apache-2.0
// Correct: isolated to the main actor; the background part comes back to it.
import Foundation

@MainActor
final class Model {
  var rows: [String] = []
  static var shared: [String: Int] = [:]

  func load() {
    Task.detached {
      let loaded = ["a", "b"]
      await MainActor.run {
        self.rows = loaded
      }
    }
  }

  func reload() {
    Task {
      rows.append("c")
      Self.shared["c"] = 1
    }
  }
}
