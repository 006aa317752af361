// SPDX-License-Identifier: Apache-2.0
//
// The short table, as the README has it: the numbers are those of the page.

/// Renders the hottest operations of a run.
struct ShortTable {
  let results: Results

  private static let modes = ["off", "on", "stacks=off"]

  func render() -> String {
    ["debug", "release"].compactMap(table).joined(separator: "\n\n")
  }

  private func table(_ build: String) -> String? {
    var rows: [[String]] = []
    for key in ["Int", "String"] {
      for operation in ["set", "get"] {
        let cells = Self.modes.map { results.cell(build, $0, operation, key) }
        guard let on = cells[1] else { continue }
        var row = ["\(operation) \(key)", "\(rounded(on.plainNanoseconds)) ns"]
        row += cells.map { cell in cell.map { "\(rounded($0.nanoseconds)) ns" } ?? "" }
        row += cells.map { cell in cell?.ratio.map(two) ?? "" }
        rows.append(row)
      }
    }
    let modes = ["off", "on", "on, stacks=off"]
    return rows.isEmpty
      ? nil : Page.table([build, "plain"] + modes + ["off, ratio", "on, ratio", "stacks=off, ratio"], rows)
  }
}
