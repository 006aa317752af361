// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Catalog.rows

import Dispatch

final class Catalog {
  private var rows: [String] = []

  func refresh() {
    DispatchQueue.global().async {
      let fresh = ["a", "b"]
      self.rows = fresh
      DispatchQueue.main.async { self.show() }
    }
  }

  func show() { print(rows.count) }
}
