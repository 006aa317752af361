// SPDX-License-Identifier: Apache-2.0
//
// The end of a process that has seen a violation: it comes in time, with the right status.

import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct ExitTests {
  private static let report = "on_violation=report wait_ms=200"

  @Test func exit_doesNotWaitForAReader() throws {
    let outcome = try Program.race.run(["exit-beside-readline"], audit: Self.report, seconds: 40)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output == "buffered\n", outcome.summary)
  }

  /// The process ends at once with the status that an observer chooses.
  @Test(arguments: ["halt", "report"]) func exitInObserver_isObeyed(_ policy: String) throws {
    let begin = Date()
    let outcome = try Program.race.run(["exit-in-observer"], audit: "on_violation=\(policy) wait_ms=200", seconds: 60)
    #expect(outcome.status == 5 && outcome.signal == nil, outcome.summary)
    #expect(outcome.errors.contains("SUMMARY: AccessAudit: concurrent dictionary writes"), outcome.summary)
    #expect(Date().timeIntervalSince(begin) < 15, outcome.summary)
  }

  /// The detector does not finish the report: the status is right, and the known facts are written.
  @Test func unfinishedReport_counts() throws {
    let outcome = try Program.race.run(["exit-beside-slow-detector"], audit: Self.report, seconds: 60)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.errors.contains("1 violation was seen"), outcome.summary)
    #expect(outcome.errors.contains("fatal error: concurrent dictionary writes"), outcome.summary)
    #expect(
      outcome.errors.range(
        of: #"  Write \(subscript\.set\) by thread \d+[^\n]*:\n    #0 [^\n]*race-programs\+0x[0-9a-f]+\n"#,
        options: .regularExpression) != nil, outcome.summary)
    #expect(outcome.errors.contains("Write (subscript.set) in progress by thread"), outcome.summary)
    #expect(outcome.errors.contains("; 1 report was not finished"), outcome.summary)
  }

  /// All handlers of the program run, and their accesses are audited.
  @Test func exitHandlers_run() throws {
    let outcome = try Program.race.run(["exit-handlers"], audit: Self.report, seconds: 60)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output.hasSuffix("the last handler\nthe first handler\n"), outcome.summary)
    #expect(outcome.errors.contains("'in a handler'"), outcome.summary)
  }

  @Test func quickExit_reports() throws {
    let outcome = try Program.race.run(["quick-exit-after-report"], audit: Self.report, seconds: 60)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.errors.contains("AccessAudit: reported 1 violation"), outcome.summary)
  }

  /// No process reads the standard error, which is full: the program ends all the same.
  @Test(arguments: ["report", "halt"]) func fullStandardError_isGivenUp(_ policy: String) throws {
    let begin = Date()
    let outcome = try Program.race.run(["full-stderr"], audit: "on_violation=\(policy) wait_ms=200", seconds: 60)
    #expect(policy == "halt" ? outcome.signal == 6 : outcome.status == 66, outcome.summary)
    #expect(outcome.output == (policy == "halt" ? "" : "ending\nfinished with 1 violations\n"), outcome.summary)
    #expect(Date().timeIntervalSince(begin) < 30, outcome.summary)
  }

  /// A non-blocking pipe of one page with a late reader: the reports, which are longer than a page,
  /// are whole.
  @Test func slowStandardError_getsEverything() throws {
    let outcome = try readLate(seconds: 2)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.output.utf8.count > 4_096, outcome.summary)
    #expect(outcome.output.components(separatedBy: "\nSUMMARY: AccessAudit: ").count == 2, outcome.summary)
    #expect(outcome.output.contains("}\nAccessAudit: 1 violation in "), outcome.summary)
    #expect(outcome.output.hasSuffix("\nAccessAudit: reported 1 violation, seen 3 times\n"), outcome.summary)
    #expect(!outcome.output.contains("cut off"), outcome.summary)
  }

  /// A reader that begins after the bounded wait finds a note that text is missing.
  @Test func lateReader_isToldOfTheCut() throws {
    let outcome = try readLate(seconds: 9)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.output.contains("\nAccessAudit: what stands before this was cut off"), outcome.summary)
    #expect(outcome.output.hasSuffix("; 1 text could not be written whole\n"), outcome.summary)
  }

  private func readLate(seconds: Int) throws -> Program.Outcome {
    let script = #"set -o pipefail; "$0" "$@" 2>&1 >/dev/null | (sleep \#(seconds); cat)"#
    return try Program.race.run(
      ["slow-stderr"], audit: Self.report + " log_format=text+json", seconds: 60,
      launcher: ["/bin/bash", "-c", script])
  }

  /// A file that may not grow does not end the process by a signal.
  @Test(arguments: ["report", "shield", "halt"]) func standardErrorAtItsLimit_changesNothing(_ policy: String) throws {
    let outcome = try Program.race.run(
      ["stderr-at-its-limit"], audit: "on_violation=\(policy) wait_ms=200", seconds: 60)
    #expect(policy == "halt" ? outcome.signal == 6 : outcome.status == 66, outcome.summary)
  }

  /// What an observer switches is for later: the process that is ending ends.
  @Test func configuringInObserver_keepsTheEnd() throws {
    let outcome = try Program.race.run(["configured-in-observer"], audit: "on_violation=halt wait_ms=200", seconds: 60)
    #expect(outcome.signal == 6, outcome.summary)
    #expect(outcome.errors.contains("SUMMARY: AccessAudit: concurrent dictionary writes"), outcome.summary)
    #expect(!outcome.errors.contains("not finished"), outcome.summary)
  }

  /// The process ends with the last thread of its own, not with the detector.
  @Test(arguments: ["halt", "report", "shield"]) func mainThread_mayEndFirst(_ policy: String) throws {
    let outcome = try Program.race.run(["main-thread-ends"], audit: "on_violation=\(policy)", seconds: 60)
    #expect(
      outcome.output
        == "1 element\nthe last thread ends\nchild ended with 0 signal 0\nfinished with 0 violations\n",
      outcome.summary)
  }

  @Test func mainThread_mayEndBeforeARace() throws {
    let outcome = try Program.race.run(["main-thread-ends-raced"], audit: Self.report, seconds: 60)
    #expect(
      outcome.output
        == "1 element\nthe last thread ends\nchild ended with 66 signal 0\nfinished with 0 violations\n",
      outcome.summary)
    // The images and their files are found by way of a thread that lives.
    for line in ["Write (subscript.set) by thread", "ReportScenarios.swift:37:47", "ReportScenarios.swift:40:35"] {
      #expect(outcome.errors.contains(line), outcome.summary)
    }
  }

  /// A reader that has gone does not end the process by a signal.
  @Test(arguments: ["report", "halt"]) func brokenStandardError_changesNothing(_ policy: String) throws {
    let outcome = try Program.race.run(["broken-stderr"], audit: "on_violation=\(policy) wait_ms=200", seconds: 60)
    #expect(policy == "halt" ? outcome.signal == 6 : outcome.status == 66, outcome.summary)
  }
}
