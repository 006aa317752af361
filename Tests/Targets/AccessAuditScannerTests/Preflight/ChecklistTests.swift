// SPDX-License-Identifier: Apache-2.0
//
// The forms of the checklist: all say the same, none lets foreign text become its own syntax, and
// secrets are in none.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import Foundation
import Testing

@Suite struct ChecklistTests {
  private let result = PreflightResult(
    name: "shop",
    stages: [
      StageResult(.sources, checks: [Check("scan", .passed, "12 lines")], seconds: 0.25, command: "access-audit scan"),
      StageResult(
        .tests,
        checks: [
          Check(
            "race", .failed, "a <b> & \"c\" | `d`\n::error::forged", next: "lock: it, 100 %",
            place: Check.Place(file: "Sources/A,b.swift", line: 7)),
          Check("baseline", .warning, "unused", next: "prune"),
        ], seconds: 12.5, command: "access-audit try"),
      StageResult(.canary, checks: [Check("canary", .skipped, "not run")], command: "c"),
    ])

  @Test func statusIsThatOfTheFirstStageThatFailed() {
    #expect(result.exitStatus == 13 && !result.isReady)
    #expect(Stage.allCases.map(\.exitStatus) == [11, 12, 13, 14, 15])
    #expect(PreflightResult(name: "p", stages: []).exitStatus == 0)
  }

  @Test func text() {
    #expect(
      ChecklistForm.text.render(result) == """
        Preflight of shop: not ready
        [x] sources       ok (0.2 s)
              + 12 lines
        [ ] tests         FAILED (12 s)
              x a <b> & "c" | `d`
                | ::error::forged
                next: lock: it, 100 %
              ! unused
                next: prune
              again: access-audit try
        [-] canary        skipped
              - not run
        not ready after 12 s: status 13

        """)
  }

  @Test func markdown() {
    let text = ChecklistForm.markdown.render(result)
    #expect(text.hasPrefix("## Preflight of shop: not ready\n"))
    #expect(
      text.contains(#"| tests | **failed** | 12 s | a &lt;b&gt; &amp; "c" \| \`d\`<br>::error::forged |"#), "\(text)")
    #expect(text.contains("Again: `access-audit try`") && text.contains("- [ ] warning: unused"))
  }

  @Test func json() throws {
    struct Document: Decodable {
      struct Stage: Decodable {
        var stage: String
        var verdict: String
        var exitStatus: Int
        var next: String?
        var command: String
      }
      var schema: String
      var exitStatus: Int
      var stages: [Stage]
    }
    let document = try JSONDecoder().decode(Document.self, from: Data(ChecklistForm.json.render(result).utf8))
    #expect(document.schema == "access-audit-preflight/1" && document.exitStatus == 13)
    #expect(document.stages.map(\.verdict) == ["passed", "failed", "skipped"])
    #expect(document.stages[1].exitStatus == 13 && document.stages[1].next == "lock: it, 100 %")
  }

  @Test func junit() {
    let text = ChecklistForm.junit.render(result)
    #expect(
      text.contains(#"<testsuites name="preflight of shop" tests="4" failures="1" errors="0" skipped="1""#), "\(text)")
    #expect(text.contains(#"<failure message="a &lt;b&gt; &amp; &quot;c&quot; | `d`&#10;::error::forged">"#))
    #expect(text.contains(#"file="Sources/A,b.swift" line="7""#) && text.contains(#"<skipped message="not run"/>"#))
    let odd = PreflightResult(
      name: "\u{1}", stages: [StageResult(.build, checks: [Check("a", .passed, "b")], command: "c")])
    #expect(ChecklistForm.junit.render(odd).contains("preflight of \u{FFFD}"))
  }

  @Test func github() {
    let lines = ChecklistForm.github.render(result).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines[0]
        == #"::error file=Sources/A%2Cb.swift,line=7,title=preflight tests%3A race::a <b> & "c" | `d`%0A::error::forged%0Anext: lock: it, 100 %25%0Aagain: access-audit try"#
    )
    #expect(lines[1].hasPrefix("::warning title=preflight tests%3A baseline::unused"))
    let many = PreflightResult(
      name: "p",
      stages: [StageResult(.sources, checks: (0..<12).map { Check("c\($0)", .failed, "d") }, command: "c")])
    let shown = ChecklistForm.github.render(many).split(separator: "\n")
    #expect(shown.count == 10 && shown[0].contains("12 failed checks; the first 9 are annotated here"))
  }

  @Test func secretsAreInNoForm() {
    var leaking = result
    leaking.stages[1].command = "curl -H 'x: s3cret-key'"
    leaking.stages[1].checks[0].detail += " s3cret-key"
    leaking.stages[1].checks[0].next = "s3cret-key"
    let shown = Redaction(["s3cret-key", "", "s3cret"]).apply(to: leaking)
    for form in ChecklistForm.allCases {
      #expect(form.render(leaking).contains("s3cret"))
      #expect(!form.render(shown).contains("s3cret"), "\(form)")
    }
  }
}
#endif
