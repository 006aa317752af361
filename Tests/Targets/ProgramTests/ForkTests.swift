// SPDX-License-Identifier: Apache-2.0
//
// The state that a forked child inherits, and the program's own fork handlers.

import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct ForkTests {
  /// A child without violations of its own: status 0, no violations, no output.
  @Test func child_doesNotInheritViolations() throws {
    let outcome = try Program.race.run(["fork-after-report"], audit: "on_violation=report wait_ms=20000", seconds: 60)
    #expect(outcome.status == 66, outcome.summary)
    let ended = outcome.output.split(separator: "\n").filter { $0 == "child ended with 0 signal 0" }
    #expect(ended.count == 3, outcome.summary)
    #expect(outcome.errors.components(separatedBy: "AccessAudit: reported ").count == 2, outcome.summary)
  }

  @Test func child_doesNotInheritSuppressions() throws {
    let outcome = try Program.race.run(
      ["fork-after-suppressed"], audit: "on_violation=report wait_ms=20000", seconds: 60)
    #expect(outcome.status == 0, outcome.summary)
    #expect(outcome.output.contains("child ended with 0 signal 0"), outcome.summary)
    #expect(outcome.errors.components(separatedBy: "matched 1 suppression").count == 2, outcome.summary)
  }

  @Test func child_doesNotInheritPendingPendingReports() throws {
    let outcome = try Program.race.run(["fork-beside-pending"], audit: "on_violation=report wait_ms=200", seconds: 60)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.output.contains("child ended with 0 signal 0"), outcome.summary)
    #expect(outcome.errors.components(separatedBy: "fatal error: ").count == 2, outcome.summary)
  }

  /// What a child of a test sees is told to nobody but the child; also where the parent had made no
  /// access yet.
  @Test(arguments: ["fork-in-scope", "fork-in-scope-after-accesses"], [nil, "on_violation=report wait_ms=20000"])
  func childOfATest_reports(_ scenario: String, _ audit: String?) throws {
    let outcome = try Program.race.run([scenario], audit: audit, seconds: 60)
    #expect(outcome.status == 0, outcome.summary)
    #expect(
      outcome.output.hasPrefix("child ended with 66 signal 0\nchild ended with 0 signal 0\n"), outcome.summary)
    #expect(outcome.errors.contains("'in the child'"), outcome.summary)
    #expect(!outcome.errors.contains("scope"), outcome.summary)
  }

  @Test(arguments: ["report", "halt"]) func childOfAnObserver_isItsOwn(_ policy: String) throws {
    let outcome = try Program.race.run(["fork-in-observer"], audit: "on_violation=\(policy) wait_ms=20000", seconds: 60)
    #expect(policy == "halt" ? outcome.signal == 6 : outcome.status == 66, outcome.summary)
    #expect(outcome.output.contains("child ended with 0 signal 0"), outcome.summary)
  }

  /// The child keeps the recorder of the forking thread, even when its accesses are suppressed at
  /// that moment.
  @Test func forkInsideSuppressed_keepsTheThread() throws {
    let outcome = try Program.race.run(["fork-suppressed"], audit: "on_violation=report wait_ms=20000", seconds: 60)
    #expect(outcome.status == 0, outcome.summary)
    #expect(outcome.output.contains("child ended with 66 signal 0"), outcome.summary)
    #expect(outcome.errors.contains("fatal error: concurrent dictionary writes"), outcome.summary)
  }

  /// No handler of the C library has run in this child.
  @Test(arguments: [("report", "66 signal 0"), ("halt", "0 signal 6")])
  func rawFork_isNoticed(_ policy: String, _ end: String) throws {
    let outcome = try Program.race.run(["raw-fork-race"], audit: "on_violation=\(policy) wait_ms=500", seconds: 60)
    #expect(outcome.status == 0, outcome.summary)
    #expect(outcome.output.contains("child ended with \(end)"), outcome.summary)
    #expect(outcome.errors.contains("SUMMARY: AccessAudit: concurrent dictionary writes"), outcome.summary)
    let seconds = outcome.output.split(separator: "\n").first { $0.hasPrefix("in ") }?.dropFirst(3).prefix { $0 != " " }
    #expect(seconds.flatMap { Int($0) } ?? 99 < 15, outcome.summary)
  }

  @Test(arguments: ["1", "on_violation=shield"]) func firstAccessesInAChild_end(_ audit: String) throws {
    let outcome = try Program.race.run(["fork-first-accesses"], audit: audit, seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
  }

  @Test func childsCounts_beginAtZero() throws {
    let outcome = try Program.race.run(["fork-counts"], audit: "on_violation=report", seconds: 60)
    let child = "before 0 0 0 0, then 2 3 0 1, counted AuditedDictionary<Int, Int> 2 3 true\n"
    let ended = "child ended with 0 signal 0\n"
    #expect(
      outcome.output == child + ended + child + ended + "parent 1000\nfinished with 0 violations\n", outcome.summary)
  }

  /// Handlers that make accesses, inside the engine's and outside of them; the switch in the
  /// environment, and later.
  @Test(arguments: ["fork-handlers", "fork-handlers-early"], [nil, "on_violation=report", "on_violation=shield"])
  func forkHandlers_mayMakeAccesses(_ scenario: String, _ audit: String?) throws {
    let outcome = try Program.race.run([scenario], audit: audit, seconds: 60)
    #expect(outcome.status == 0, outcome.summary)
    #expect(outcome.output.contains("handlers called 20 times"), outcome.summary)
    #expect(!outcome.errors.contains("AccessAudit"), outcome.summary)
    let milliseconds = outcome.errors.split(separator: " ").compactMap { Int($0) }.first
    // The engine's own waits would be a fifth of a second for each lock and each fork.
    #expect(milliseconds ?? .max < 10_000, outcome.summary)
  }

  @Test(
    arguments: ["fork-handlers-lock", "fork-handlers-early-lock", "fork-handlers-fork", "fork-handlers-early-fork"],
    [nil, "on_violation=report"])
  func forkHandlers_mayLockAndFork(_ scenario: String, _ audit: String?) throws {
    let outcome = try Program.race.run([scenario], audit: audit, seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    #expect(outcome.output.contains("every child ended"), outcome.summary)
  }
}
