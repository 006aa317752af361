// SPDX-License-Identifier: Apache-2.0
//
// The option parser: accepted texts, warnings, and that no text makes it trap.

#if AUDITED && canImport(Glibc)

import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct OptionTests {
  @Test(arguments: [
    "on_violation=report exitcode=9", "on_violation=report,exitcode=9", "on_violation=report:exitcode=9",
    " on_violation='report' , exitcode=\"9\" ", "on\ton_violation=report\nexitcode=9",
  ])
  func separators_areSpacesCommasAndColons(_ text: String) {
    let parsed = OptionParser.parse(text)
    #expect(parsed.warnings.isEmpty)
    #expect(parsed.configuration.onViolation == .report && parsed.configuration.exitCode == 9)
  }

  @Test func quotes_protectSeparators() {
    #expect(OptionParser.parse("log_path='/tmp/a b:c,d'").configuration.logPath == "/tmp/a b:c,d")
    #expect(OptionParser.parse("log_path=\"it's\"").configuration.logPath == "it's")
  }

  @Test func everyOption_isAppliedShownAndNamed() throws {
    var changed = AuditConfiguration()
    let values = [
      "on_violation": "report", "exitcode": "5", "log_path": "x", "log_format": "text+json", "stacks": "caller",
      "stack_depth": "3", "history_size": "64", "suppressions": "s", "max_reports": "7", "wait_ms": "8",
      "delay_us": "20", "hunt": "25", "seed": "9", "plan": "p", "duty": "5", "exit_summary": "off",
      "trace": "t", "trace_size": "12", "trace_sampling": "3", "strip_path_prefix": "/p", "color": "never",
      "verbosity": "1",
    ]
    #expect(Set(values.keys) == Set(OptionTable.options.map(\.name)))
    for option in OptionTable.options {
      let value = try #require(values[option.name])
      #expect(option.show(changed) != value, "\(option.name) has the test's value by default")
      #expect(option.apply(value, &changed) == nil)
      #expect(option.show(changed) == value)
    }
  }

  /// Where the table has a range of numbers alone, those next to it are refused, and those at its
  /// ends are taken.
  @Test func ranges_areThoseOfTheTable() throws {
    var count = 0
    for option in OptionTable.options {
      guard let range = option.values.prefixMatch(of: /(\d+) … (\d+)/),
        let lowest = UInt64(range.1), let highest = UInt64(range.2)
      else { continue }
      count += 1
      var configuration = AuditConfiguration()
      for inside in [lowest, highest] {
        #expect(option.apply(String(inside), &configuration) == nil, "\(option.name)=\(inside)")
      }
      let below = lowest == 0 ? "-1" : String(lowest - 1)
      let above = highest == .max ? "18446744073709551616" : String(highest + 1)
      for outside in [below, above] {
        let before = configuration
        #expect(option.apply(outside, &configuration) != nil, "\(option.name)=\(outside)")
        #expect(configuration == before)
      }
    }
    #expect(count >= 11)
  }

  @Test func closestName_isFound() {
    #expect(ClosestName.to("suppresions", among: OptionTable.names) == "suppressions")
    #expect(ClosestName.to("STACKS", among: OptionTable.names) == "stacks")
    #expect(ClosestName.to("zzzzzzzzzzzzzzzz", among: OptionTable.names) == nil)
  }

  @Test func validated_replacesWhatIsOutOfRange() {
    let (configuration, warnings) = AuditConfiguration(stackDepth: 0, historySize: -1, waitMilliseconds: 1 << 40)
      .validated()
    #expect(warnings.count == 3)
    #expect(configuration == AuditConfiguration())
  }

  /// What is in range stays, also beside an option that has no default.
  @Test func validated_keepsWhatIsInRange() {
    let whole = AuditConfiguration(
      isEnabled: false, onViolation: .shield, exitCode: 7, logFormat: [.text, .json], hunt: .percent(5), seed: 9,
      plan: "/tmp/plan", color: .never, verbosity: 2)
    #expect(whole.validated().configuration == whole && whole.validated().warnings.isEmpty)
    var other = whole
    other.stackDepth = 0
    #expect(other.validated().configuration == whole)
    other = whole
    other.exitCode = 999
    let (configuration, warnings) = other.validated()
    #expect(warnings == ["exitcode='999' is ignored: it must be a number from 0 to 255; it stays unset"])
    other.exitCode = nil
    #expect(configuration == other)
  }

  /// The variable's text reaches a terminal with `help=1`, and in warnings.
  @Test func helpAndWarnings_areSafeForATerminal() {
    let outcome = EnvironmentSwitch.read(
      "help=1 log_path='/a\u{1B}[2Jb\u{7}' \u{1B}]0;title\u{7}=1 stack_depth=\u{202E}9")
    let texts = [outcome.help ?? ""] + outcome.warnings
    #expect(outcome.help?.contains(#"[/a\u{1b}[2Jb\u{7}]"#) == true)
    #expect(outcome.warnings.count == 2)
    for text in texts {
      #expect(!text.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || $0.value == 0x202E }, "\(text)")
    }
    #expect(outcome.configuration.logPath == "/a\u{1B}[2Jb\u{7}")
  }

  /// Thirty thousand bad fields are counted, not explained, and cost little time.
  @Test func badFields_areExplainedUpToALimit() {
    let parsed = OptionParser.parse(String(repeating: "x ", count: 30_000) + "exitcode=4")
    #expect(parsed.configuration.exitCode == 4)
    #expect(parsed.warnings.count == OptionParser.warningLimit + 1)
    #expect(parsed.warnings.last == "ACCESS_AUDIT: 29980 more of its fields are ignored")
  }

  @Test func randomText_neverFails() {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("on_violation=report stack_depth,:'\"=\\\n\t\u{0}\u{202E}é1234567890-+xyz")
    for _ in 0..<5_000 {
      let text = String(
        (0..<Int.random(in: 0...80, using: &generator)).map { _ in alphabet.randomElement(using: &generator)! })
      let parsed = OptionParser.parse(text)
      #expect(parsed.warnings.allSatisfy { !$0.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E } })
      #expect(parsed.configuration.validated().configuration.stackDepth > 0)
    }
    let long = OptionParser.parse(String(repeating: "x=y ", count: 100_000))
    #expect(long.warnings.first?.contains("is longer than") == true)
  }
}

#endif
