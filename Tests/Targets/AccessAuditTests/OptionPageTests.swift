// SPDX-License-Identifier: Apache-2.0
//
// The documentation's table of options equals the program's. With UPDATE_GOLDEN in the environment
// the test rewrites the page's table, and fails until the variable is unset.

#if AUDITED && canImport(Glibc)

import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct OptionPageTests {
  static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../Sources/AccessAudit/AccessAudit.docc/Options.md").standardizedFileURL

  static var rows: [String] {
    let defaults = AuditConfiguration()
    func cell(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }
    return OptionTable.options.map { option in
      let value = option.show(defaults)
      return "| `\(option.name)` | \(cell(option.values)) | \(value.isEmpty ? "" : "`\(cell(value))`") | "
        + "\(cell(option.sentence)) |"
    } + ["| `\(OptionTable.helpName)` | 1 | | prints this table with the values in force |"]
  }

  @Test func page_hasTheTable() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let head = try #require(text.range(of: "|---|---|---|---|\n"))
    let expected = Self.rows.joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try (text[..<head.upperBound] + expected).write(to: Self.page, atomically: true, encoding: .utf8)
      Issue.record("\(Self.page.path) was written; unset UPDATE_GOLDEN")
      return
    }
    #expect(String(text[head.upperBound...]) == expected)
  }
}

#endif
