// SPDX-License-Identifier: Apache-2.0
//
// Hunting as a program sees it: races that chance does not show are found, and what must never be
// held is not.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct HuntTests {
  @Test func rareWrites_areFound_withTheSeedInTheReport() throws {
    let outcome = try Program.race.run(
      ["hunt-rare-writes"], audit: "on_violation=report hunt=90 seed=77", collectingReports: true)
    let violation = try #require(outcome.violations.first, outcome.summary)
    #expect(violation.kind == .readDuringWrite || violation.kind == .writeDuringRead, outcome.summary)
    #expect(violation.process.seed == 77)
    let text = try Program.race.run(["hunt-rare-writes"], audit: "hunt=90 seed=77")
    #expect(text.errors.contains("\n  Seed: 77\n"), text.summary)
  }

  @Test(arguments: [
    ("hunt-shared", "on", "held 1"), ("hunt-shared", "off", "held 0"), ("hunt-alone", "90", "held 0"),
    ("hunt-own", "90", "held 0"), ("hunt-forked-child", "90", "held in the child 0"),
  ])
  func holds_areWhereTheyMayBe(_ scenario: String, _ hunt: String, _ expected: String) throws {
    let outcome = try Program.race.run([scenario], audit: "hunt=\(hunt)")
    #expect(outcome.output == "\(expected)\nfinished with 0 violations\n", outcome.summary)
    #expect(outcome.status == 0, outcome.summary)
  }

  /// What an earlier test has settled is hunted again in the next one.
  @Test func nextTest_isHuntedAnew() throws {
    let outcome = try Program.race.run(["hunt-next-test"], audit: "hunt=90")
    let held = "held in the first test true\nheld in the second test true\n"
    #expect(outcome.output == held + "finished with 0 violations\n", outcome.summary)
    #expect(outcome.status == 0, outcome.summary)
  }

  @Test func handlers_areNotHeld() throws {
    let outcome = try Program.race.run(["hunt-signal-handler"], audit: "hunt=90")
    #expect(
      outcome.output == "held in the handler 0\nheld outside 1\nfinished with 0 violations\n", outcome.summary)
  }

  @Test func lockedAccesses_areSilent() throws {
    let outcome = try Program.race.run(["hunt-locked"], audit: "hunt=90")
    #expect(outcome.status == 0 && outcome.output.hasSuffix("finished with 0 violations\n"), outcome.summary)
  }

  /// Also where the access is made inside a member, which has a frame of its own.
  @Test(arguments: [
    ("hunt-suspects", "subscript.get", "subscript.set"),
    ("hunt-suspects-by-members", "dictionary", "merge(_:uniquingKeysWith:)"),
  ])
  func suspects_areNamed_andAreNoViolations(_ scenario: String, _ read: String, _ write: String) throws {
    let outcome = try Program.race.run([scenario], audit: "hunt=on")
    let place = #"closure #\d in static HuntScenarios\.suspects\(byMembers:\) HuntScenarios\.swift:\d+"#
    let parts = [read, write].map(NSRegularExpression.escapedPattern)
    let pattern = #"suspect: read \(\#(parts[0])\) in \#(place) and write \(\#(parts[1])\) in \#(place), holds"#
    #expect(outcome.output.range(of: pattern, options: .regularExpression) != nil, outcome.summary)
    #expect(outcome.output.contains("counted true\n"), outcome.summary)
    #expect(outcome.status == 0 && outcome.output.hasSuffix("finished with 0 violations\n"), outcome.summary)
  }

  /// What is remembered of an access is not given to another one whose frame lies at the same
  /// place: a report names the lines of its race.
  @Test func reports_nameTheLinesOfTheRace() throws {
    let outcome = try Program.race.run(
      ["hunt-two-sites"], audit: "on_violation=shield exitcode=0 max_reports=10", collectingReports: true)
    let lines = outcome.output.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    try #require(lines.count >= 2 && !outcome.violations.isEmpty, outcome.summary)
    for violation in outcome.violations {
      let named = violation.accesses.compactMap { $0.location?.line }
      #expect(named.count == 2 && !named.contains(lines[0]) && !named.contains(lines[1]), "\(named) \(outcome.summary)")
    }
  }

  /// An actor keeps its collections apart, whatever the threads it runs on; what goes around it is
  /// suspect.
  @Test func actor_isNoSuspect() throws {
    let inside = try Program.race.run(["hunt-actor"], audit: "hunt=on")
    #expect(
      inside.output == "several threads true\ncounted true\nfinished with 0 violations\n", inside.summary)
    let beside = try Program.race.run(["hunt-beside-actor"], audit: "hunt=on")
    #expect(
      beside.output.contains(/suspect: [^\n]*write \(subscript\.set\) in [^\n]*Ledger\.note\(_:\)/), beside.summary)
  }

  /// The first burst and the pause behind it are shorter than the run: some overlaps are seen, and
  /// some are not.
  @Test func duty_auditsInBursts() throws {
    let audit = "on_violation=report exitcode=0 hunt=off max_reports=1"
    for (duty, isWhole) in [("duty=20", false), ("duty=100", true)] {
      let outcome = try Program.race.run(["duty-overlaps"], audit: "\(audit) \(duty)")
      let numbers = outcome.output.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
      try #require(numbers.count >= 2, outcome.summary)
      #expect(numbers[1] > 0 && (numbers[1] == numbers[0]) == isWhole, outcome.summary)
    }
  }

  /// A pause lasts 150 ms at most here, a tenth of the longest period; the detector is kept for
  /// 500.
  @Test func detectorThatStallsInAPause_lags() throws {
    let outcome = try Program.race.run(["duty-stall"], audit: "hunt=off duty=90")
    let numbers = outcome.output.split(whereSeparator: { !$0.isNumber && $0 != "." }).compactMap { Double($0) }
    try #require(numbers.count >= 2, outcome.summary)
    #expect(numbers[0] >= 300 && numbers[1] == 0.9, outcome.summary)
  }

  @Test func plan_isWrittenReadAndKept() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("plan-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for _ in 0..<2 {
      let outcome = try Program.race.run(["hunt-suspects"], audit: "hunt=on plan='\(path)'")
      #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
      let plan = try String(contentsOfFile: path, encoding: .utf8)
      #expect(plan.hasPrefix("access-audit plan 1\npair\t"), "\(plan)")
      #expect(plan.contains("\tsubscript.set\tw\trace-programs\t"), "\(plan)")
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  /// A file that is something else is neither used nor overwritten.
  @Test func otherFiles_areLeftAlone() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("plan-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "my own text\n".write(toFile: path, atomically: true, encoding: .utf8)
    let outcome = try Program.race.run(["hunt-suspects"], audit: "hunt=on plan='\(path)'")
    #expect(outcome.errors == "AccessAudit: warning: '\(path)' is no plan; it is not used, and not written\n")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "my own text\n")
  }
}
