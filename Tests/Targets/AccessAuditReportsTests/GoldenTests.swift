// SPDX-License-Identifier: Apache-2.0
//
// Every form of the same two reports, compared with files that were read by eye and by the checks in Tests/Scripts. With
// UPDATE_GOLDEN set in the environment the files are written anew, and the tests fail until it is unset.

#if REPORTS && canImport(Glibc)

import AccessReports
import AccessTerms
import AccessAuditReports
import Foundation
import Testing

struct GoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

  static func reports() throws -> [LoadedReport] {
    try ReportFile.load(folder.appendingPathComponent("reports.json").path)
  }

  @Test(arguments: ReportForm.allCases)
  func form_isAsItWas(_ form: ReportForm) throws {
    let merged = ViolationMerge.merge(try Self.reports())
    let settings = RenderSettings(sourceRoot: "/src/shop")
    let text = form.render([merged[0]], known: [merged[1]], settings: settings)
    let file = Self.folder.appendingPathComponent("expected.\(form.rawValue)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("\(file.path) was written; unset UPDATE_GOLDEN")
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let difference = zip(expected.split(separator: "\n"), text.split(separator: "\n")).first { $0 != $1 }
    #expect(text == expected, "first difference: \(difference.map { "\($0.0)\n\($0.1)" } ?? "the length")")
  }

  /// What `show --format json` writes can be shown again.
  @Test func json_isReadBack() throws {
    let merged = ViolationMerge.merge(try Self.reports())
    let text = ReportForm.json.render(merged)
    let again = ViolationMerge.merge(try ReportFile.reports(in: Array(text.utf8), file: "again"))
    #expect(ReportForm.json.render(again) == text)
    #expect(again.map(\.timesSeen) == merged.map(\.timesSeen))
  }

  @Test func html_hidesNothingUnescaped() throws {
    let page = ReportForm.html.render(ViolationMerge.merge(try Self.reports()))
    #expect(page.contains("main &lt;&amp;&gt; &quot;q&quot;") && page.contains("// &lt;b&gt;"))
    #expect(!page.contains("<b>") && !page.contains("<&>"))
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
  }

  /// Many violations have a list that can be sorted and filtered, each a report to copy.
  @Test func html_hasAFrontPage() throws {
    let merged = ViolationMerge.merge(try Self.reports())
    let page = ReportForm.html.render(merged)
    #expect(page.matches(of: /<li class="entry" data-count="\d+" data-time="[^"]+"/).count == merged.count)
    #expect(page.contains("type=\"search\"") && page.matches(of: /<button type="button" value="/).count == 4)
    #expect(page.matches(of: /<details class="markdown">/).count == merged.count)
    #expect(page.contains("```text\n=================="))
    // One violation needs no list.
    #expect(!ReportForm.html.render([merged[0]]).contains("class=\"entry\""))
  }

  /// The colour of a card is that of its access on the time line: by what it did, not by who saw it.
  @Test func html_coloursByAccess() throws {
    for merged in ViolationMerge.merge(try Self.reports()) {
      let page = ReportForm.html.render([merged])
      for access in merged.report.accesses {
        let kind = access.writing ? "write" : "read"
        #expect(page.contains("<section class=\"party \(kind)\" data-role=\"\(access.role.rawValue)\">"))
        #expect(page.contains("<div class=\"bar \(kind)\" data-role=\"\(access.role.rawValue)\""))
      }
    }
  }

  /// The elements of the page close in the order they were opened.
  @Test func html_isWellFormed() throws {
    let page = ReportForm.html.render(ViolationMerge.merge(try Self.reports()))
    let content = page.split(separator: "</style>", maxSplits: 1)[1]
    var open: [Substring] = ["html", "head"]
    for match in content.matches(of: /<(\/?)([a-z0-9]+)[^>]*>/) where match.2 != "input" {
      if match.1.isEmpty { open.append(match.2) } else { #expect(open.popLast() == match.2) }
    }
    #expect(open.isEmpty)
  }
}

#endif
