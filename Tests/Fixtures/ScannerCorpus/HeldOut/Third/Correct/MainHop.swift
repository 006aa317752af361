// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Catalog {
  private var rows: [String] = []

  func refresh() {
    DispatchQueue.global().async {
      let fresh = ["a", "b"]
      DispatchQueue.main.async {
        self.rows = fresh
        self.show()
      }
    }
  }

  func show() { print(rows.count) }
}
