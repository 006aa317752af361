// SPDX-License-Identifier: Apache-2.0
//
// The program's own signal handlers: they are called as without the audit, and a fault that they
// repair is no crash.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct SignalTests {
  /// The audited run ends as the plain one does, and prints the same: masks, stacks, numbers of
  /// calls, ignored signals.
  @Test(arguments: [
    "signal-repaired", "signal-repaired-beside-reader", "signal-repaired-after-writer", "signal-once",
    "signal-once-repaired", "signal-ignored", "signal-mask", "signal-mask-nodefer", "signal-stack",
    "signal-stack-alternate", "signal-sent", "signal-breakpoint", "signal-later-handler",
    "signal-at-first-access", "signal-inside-malloc",
  ])
  func signal_isWhatItIsWithoutTheAudit(_ scenario: String) throws {
    let plain = try Program.race.run([scenario], audit: nil, seconds: 20)
    for policy in ["halt", "report", "shield"] {
      let audited = try Program.race.run([scenario], audit: "on_violation=\(policy)", seconds: 20)
      #expect(audited.status == plain.status && audited.signal == plain.signal, audited.summary)
      #expect(audited.output == plain.output && audited.errors == plain.errors, "\(audited.summary)\n\(plain.summary)")
    }
  }

  /// The expected output of the plain run, so that the comparison is not of two failures.
  @Test(arguments: [
    ("signal-repaired", "repaired 1\n"), ("signal-once", "handled\n"), ("signal-ignored", "ignored 4\n"),
    ("signal-mask", "blocked in the handler: true true\n"), ("signal-stack", "on the alternate stack: false\n"),
    ("signal-mask-nodefer", "blocked in the handler: true false\n"),
    ("signal-stack-alternate", "on the alternate stack: true\n"),
    ("signal-at-first-access", "200 threads, handlers came\n"),
    ("signal-inside-malloc", "100 threads, handlers came\n"),
  ])
  func scenario_doesWhatItsNameSays(_ scenario: String, _ output: String) throws {
    let outcome = try Program.race.run([scenario], audit: nil, seconds: 20)
    #expect(outcome.output.hasPrefix(output), outcome.summary)
  }

  /// A fault in an overlapped access that the program's handler repairs: the overlap is reported
  /// once, and no crash.
  @Test func overlap_ofARepairedFault() throws {
    for policy in ["report", "shield"] {
      let outcome = try Program.race.run(
        ["signal-repaired-overlapped"], audit: "on_violation=\(policy) wait_ms=100", collectingReports: true)
      #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
      #expect(outcome.output == "repaired 1\nfinished with 1 violations\n", outcome.summary)
      #expect(outcome.violations.map(\.kind) == [.writeDuringRead], outcome.summary)
    }
    let outcome = try Program.race.run(["signal-repaired-overlapped"], audit: "1", collectingReports: true)
    #expect(outcome.signal == 6 && outcome.violations.map(\.kind) == [.writeDuringRead], outcome.summary)
  }

  /// The report comes before a handler that ends the process.
  @Test func overlap_beforeAHandlerThatEndsTheProcess() throws {
    let outcome = try Program.race.run(
      ["signal-handler-ends-overlapped"], audit: "on_violation=report", collectingReports: true)
    #expect(outcome.status == 3 && outcome.signal == nil, outcome.summary)
    #expect(outcome.violations.map(\.kind) == [.writeDuringRead], outcome.summary)
    let violation = try #require(outcome.violations.first, outcome.summary)
    #expect(violation.detected.operation == .subscriptGet && violation.conflicting.operation == .subscriptSet)
  }

  /// The thread that saw the violation aborts, so a handler of the program, the toolchain's
  /// backtracer and a debugger of the core dump show that thread.
  @Test func abort_isTheDetectingThreads() throws {
    let outcome = try Program.race.run(["signal-abort"], audit: "verbosity=1", collectingReports: true)
    let violation = try #require(outcome.violations.first, outcome.summary)
    #expect(
      outcome.signal == 6 && outcome.output == "aborted by \(violation.detected.thread?.id ?? 0)\n", outcome.summary)
    // Without the option no handler sees it.
    let plain = try Program.race.run(["signal-abort"], audit: "1")
    #expect(plain.signal == 6 && plain.output.isEmpty, plain.summary)
  }

  /// The toolchain's backtracer shows that thread, the signal stays the same, and no process holds
  /// stderr open after the end: `cat` would wait for it.
  @Test(arguments: ["verbosity=1", "verbosity=2"])
  func swiftBacktracer_showsTheDetectingThread(_ audit: String) throws {
    let outcome = try Program(name: "bash", folder: URL(fileURLWithPath: "/bin")).run(
      [
        "-c", "set -o pipefail; \"$0\" write-write-subscript 2>&1 | cat",
        Program.race.folder.appendingPathComponent("race-programs").path,
      ],
      audit: audit, seconds: 100, environment: ["SWIFT_BACKTRACE": "enable=yes,color=no,threads=crashed"])
    #expect(outcome.status == 134, outcome.summary)
    let report = try #require(outcome.output.range(of: "SUMMARY: AccessAudit: concurrent"), outcome.summary)
    let crash = try #require(outcome.output.range(of: "*** Program crashed: Aborted"), outcome.summary)
    #expect(report.lowerBound < crash.lowerBound, outcome.summary)
    #expect(outcome.output.contains(/Thread \d+ "thread-1" crashed:/), outcome.summary)
    #expect(!outcome.output.contains("failed to suspend"), outcome.summary)
  }
}
