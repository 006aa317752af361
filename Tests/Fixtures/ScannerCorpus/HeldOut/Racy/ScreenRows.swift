// SPDX-License-Identifier: Apache-2.0
// Shape: a table model that is changed by a task and read by the main thread.
// expect: unprotected-property Feed.rows
import Foundation

class Feed {
  var rows: [String] = []

  func reload() {
    Task { [weak self] in
      let fresh = await self?.fetch() ?? []
      self?.rows.append(contentsOf: fresh)
    }
  }

  func fetch() async -> [String] { ["row"] }

  func row(_ index: Int) -> String {
    rows[index]
  }
}
