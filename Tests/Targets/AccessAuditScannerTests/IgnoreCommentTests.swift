// SPDX-License-Identifier: Apache-2.0
//
// Ignore comments: the findings that they hide, their required form, and the problems of comments
// without it.

#if Scanner
import AccessAuditScanner
import Testing

@Suite struct IgnoreCommentTests {
  private func program(above: String = "", behind: String = "", declaration: String = "") -> String {
    """
    \(declaration)
    var names: [String] = []

    func add(_ name: String) {
      \(above)
      names.append(name)\(behind)
    }
    """
  }

  @Test func withoutCommentThereIsAFinding() {
    #expect(found(program()) == ["mutable-global names"])
  }

  @Test(arguments: [
    "// access-audit:ignore mutable-global filled before threads start",
    "// access-audit:ignore mutable-global,two-guards filled before threads start",
    "// access-audit:ignore mutable-global - filled before threads start",
    "/* access-audit:ignore mutable-global filled before threads start */",
  ])
  func hides(comment: String) {
    for text in [
      program(above: comment), program(behind: "  " + comment), program(declaration: comment),
      program(above: comment.replacing("ignore", with: "ignore:next")),
    ] {
      let report = scan(text)
      #expect(report.active.isEmpty)
      #expect(report.findings.map(\.suppression) == [.inSource(reason: "filled before threads start")])
      #expect(report.problems.isEmpty)
    }
  }

  @Test(arguments: [
    ("// access-audit:ignore mutable-global", "gives no reason"),
    ("// access-audit:ignore", "names no rule"),
    ("// access-audit:ignore mutable-globals for good reason", "names no rule of this scanner"),
  ])
  func invalidCommentHidesNothingAndIsReported(comment: String, problem: String) {
    let report = scan(program(above: comment))
    #expect(report.active.map(\.rule) == ["mutable-global"])
    #expect(report.problems.count == 1)
    #expect(report.problems.first?.message.contains(problem) ?? false)
    #expect(report.problems.first?.place.line == 5)
  }

  @Test func otherRulesAndLinesStay() {
    #expect(found(program(above: "// access-audit:ignore two-guards not this one")) == ["mutable-global names"])
    let far = program(declaration: "// access-audit:ignore mutable-global too far away\nlet other = 1\n")
    #expect(found(far) == ["mutable-global names"])
  }
}
#endif
