// SPDX-License-Identifier: Apache-2.0
// Correct: a class whose methods are all on one actor through a protocol of the module.
@MainActor
protocol Screen {
  func show()
}

final class List: Screen {
  private var rows: [String] = []

  func show() {
    rows.append("row")
    Task { self.rows.removeAll() }
  }
}
