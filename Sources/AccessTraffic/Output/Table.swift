// SPDX-License-Identifier: Apache-2.0
//
// Rows of cells as text: in columns for a terminal, and as CSV. Pure.

#if REPORTS && canImport(Glibc)

internal import AccessTerms
internal import Foundation

enum Table {
  /// Lines whose columns stand under each other: the first `left` columns at their left edge.
  static func aligned(_ rows: [[String]], left: Int = 1) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        if column >= left { return space + cell }
        return column == row.count - 1 ? cell : cell + space
      }.joined(separator: "  ")
    }
  }

  static func commaSeparated(_ rows: [[String]]) -> String {
    rows.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
  }

  /// A cell that a spreadsheet takes for text, whatever it begins with.
  private static func cell(_ text: String) -> String {
    var text = TextEscaping.printable(text)
    if let first = text.first, "=+-@\t".contains(first), Double(text) == nil { text = "'" + text }
    guard text.contains(where: { ",\"\n".contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}

#endif
