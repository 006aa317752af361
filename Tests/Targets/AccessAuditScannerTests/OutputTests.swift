// SPDX-License-Identifier: Apache-2.0
//
// The four outputs, compared character by character for one small program.
// Tests/Scripts/SARIF/validate checks the schema of SARIF.

#if Scanner
import AccessAuditScanner
import Foundation
import Testing

@Suite struct OutputTests {
  static let program = """
    import Dispatch

    final class Cache {
    \tprivate var größen: [String: Int] = [:]

      func fill(_ key: String) {
        DispatchQueue.global().async { self.größen[key] = 1 }
      }

      func size(_ key: String) -> Int? { größen[key] }
    }
    """

  @Test func text() {
    let expected = """
      A, B.swift:7:36: error: 'Cache.größen' is written here in a dispatch queue with nothing that protects it, while \
      another thread can be in it [unprotected-property]
           7 |     DispatchQueue.global().async { self.größen[key] = 1 }
             |                                    ^~~~~~~~~~~~~~~~~~
        A, B.swift:10:38: note: read here with no protection
          10 |   func size(_ key: String) -> Int? { größen[key] }
             |                                      ^~~~~~~~~~~~~
        A, B.swift:4:14: note: declared here
           4 | \tprivate var größen: [String: Int] = [:]
             | \t            ^~~~~~~~
      access-audit: 1 error in 1 file, 11 lines

      """
    #expect(ReportFormat.text.render(scan(OutputTests.program, path: "A, B.swift")) == expected)
  }

  @Test func github() {
    let expected = """
      ::error file=A%2C B.swift,line=7,endLine=7,col=36,endColumn=54,title=unprotected-property::'Cache.größen' is \
      written here in a dispatch queue with nothing that protects it, while another thread can be in it%0A\
      read here with no protection: A, B.swift:10%0Adeclared here: A, B.swift:4

      """
    #expect(ReportFormat.github.render(scan(OutputTests.program, path: "A, B.swift")) == expected)
  }

  @Test func githubSaysFirstWhenThereAreMoreThanAreShown() {
    let text = (0..<12).map { "var table\($0): [Int] = []\nfunc add\($0)() { table\($0).append(1) }" }
    let lines = ReportFormat.github.render(scan(text.joined(separator: "\n"))).split(separator: "\n")
    #expect(lines.count == 13)
    #expect(lines.first?.hasPrefix("::warning title=access-audit::access-audit: 12 warnings") ?? false)
  }

  @Test func json() throws {
    let text = ReportFormat.json.render(scan(OutputTests.program))
    let root = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(root["schema"] as? String == "access-audit-scan/1")
    #expect(root["lines"] as? Int == 11)
    let findings = try #require(root["findings"] as? [[String: Any]])
    #expect(findings.count == 1)
    #expect(findings[0]["rule"] as? String == "unprotected-property")
    #expect(findings[0]["symbol"] as? String == "Cache.größen")
    let place = try #require(findings[0]["place"] as? [String: Any])
    #expect(place["line"] as? Int == 7)
    #expect(place["column"] as? Int == 36)
  }

  @Test func sarif() throws {
    let report = scan(OutputTests.program + "\n// access-audit:ignore nothing", path: "A, B.swift")
    let text = ReportFormat.sarif.render(report)
    let root = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(root["version"] as? String == "2.1.0")
    let run = try #require((root["runs"] as? [[String: Any]])?.first)
    let results = try #require(run["results"] as? [[String: Any]])
    #expect(results.count == 1)
    let location = try #require(
      (results[0]["locations"] as? [[String: Any]])?.first?["physicalLocation"] as? [String: Any])
    #expect((location["artifactLocation"] as? [String: Any])?["uri"] as? String == "A,%20B.swift")
    // Columns count UTF-16 code units; two letters of 'größen' take two UTF-8 bytes each.
    let region = try #require(location["region"] as? [String: Any])
    #expect(region["startColumn"] as? Int == 36)
    #expect(region["endColumn"] as? Int == 52)
    let related = try #require(results[0]["relatedLocations"] as? [[String: Any]])
    #expect(related.count == 2)
    let fingerprints = try #require(results[0]["partialFingerprints"] as? [String: String])
    #expect(fingerprints["primaryLocationLineHash"]?.count == 16)
    let invocation = try #require((run["invocations"] as? [[String: Any]])?.first)
    #expect((invocation["toolExecutionNotifications"] as? [Any])?.count == 1)
  }

  @Test func fingerprintSurvivesMovedLines() {
    let before = scan(OutputTests.program).findings.map(\.fingerprint)
    let after = scan("// One line more.\n\n" + OutputTests.program).findings.map(\.fingerprint)
    #expect(before == after)
    #expect(before.count == 1)
  }
}
#endif
