// SPDX-License-Identifier: Apache-2.0
//
// Every rule's examples, as the documentation shows them: the bad one has one finding, the good one
// none.

#if Scanner
import AccessAuditScanner
import Foundation
import Testing

@Suite struct RuleExampleTests {
  @Test(arguments: RuleTable.descriptors.map(\.id))
  func badExampleHasExactlyOneFinding(rule: String) throws {
    let descriptor = try #require(RuleTable.descriptors.first { $0.id == rule })
    let findings = scan(descriptor.badExample).active
    #expect(findings.map(\.rule) == [rule])
    #expect(findings.allSatisfy { $0.severity == descriptor.severity })
    #expect(findings.allSatisfy { !$0.related.isEmpty }, "a finding shows a second place")
  }

  @Test(arguments: RuleTable.descriptors.map(\.id))
  func goodExampleHasNone(rule: String) throws {
    let descriptor = try #require(RuleTable.descriptors.first { $0.id == rule })
    #expect(found(descriptor.goodExample) == [])
  }

  @Test func documentationPageIsTheRuleTable() throws {
    let path = repositoryFile("Sources/AccessAuditScanner/AccessAuditScanner.docc/Rules.md")
    let page = try String(contentsOfFile: path, encoding: .utf8)
    #expect(page == RulePage.render(), "write it anew: access-audit rules --markdown > \(path)")
  }

  @Test func rulesHaveStableIDs() {
    #expect(
      RuleTable.descriptors.map(\.id) == [
        "unprotected-property", "captured-variable", "mutable-global", "guarded-elsewhere", "unguarded-read",
        "early-unlock", "missing-barrier", "two-guards", "lock-in-struct", "check-then-act", "kept-index",
        "nonisolated-unsafe", "unchecked-sendable", "shared-lazy", "actor-escape",
      ])
  }
}
#endif
