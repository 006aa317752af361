// SPDX-License-Identifier: Apache-2.0
// Correct: background work hops to the main queue before it touches the property, as every caller does.
import Foundation

final class Screen {
  private var rows: [String] = []

  func load() {
    DispatchQueue.global().async {
      let fresh = ["x", "y"]
      DispatchQueue.main.async {
        self.rows = fresh
        self.rows.append("z")
      }
    }
  }
}
