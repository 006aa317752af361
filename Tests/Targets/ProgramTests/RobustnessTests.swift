// SPDX-License-Identifier: Apache-2.0
//
// Crashes beside the audit, and the policy under which a raced program survives.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct RobustnessTests {
  /// The report comes before the crash, and the signal stays the same.
  @Test(arguments: ["halt", "report", "shield"])
  func crashInOverlappedAccess_isAttributed(_ policy: String) throws {
    let scenario = policy == "shield" ? "crash-alone" : "crash-during-access"
    let outcome = try Program.race.run(
      [scenario], audit: "on_violation=\(policy) wait_ms=100", collectingReports: true)
    #expect(outcome.signal == 11, outcome.summary)
    if policy == "shield" {
      #expect(outcome.violations.isEmpty, outcome.summary)
      return
    }
    let violation = try #require(outcome.violations.last, outcome.summary)
    #expect(violation.kind == .crashDuringAccess)
    #expect(violation.message == "crash during concurrent dictionary access (SIGSEGV)")
    #expect(violation.detected.operation == .subscriptGet && violation.conflicting.operation == .subscriptSet)
    #expect(violation.detected.location?.symbol?.contains("slowReader") == true)
    #expect(violation.conflicting.location?.file?.hasSuffix("CrashScenarios.swift") == true)
  }

  /// A crash without an overlap is passed on, and nothing is reported.
  @Test(arguments: ["crash-alone", "crash-elsewhere", "crash-after-access"])
  func unrelatedCrash_isPassedOn(_ scenario: String) throws {
    let outcome = try Program.race.run([scenario], audit: "1", collectingReports: true)
    #expect(outcome.signal == 11, outcome.summary)
    #expect(outcome.violations.isEmpty && outcome.errors.isEmpty, outcome.summary)
  }

  /// The toolchain's own handler still prints, after our report.
  @Test func swiftBacktracer_stillWorks() throws {
    let outcome = try Program.race.run(
      ["crash-during-access"], audit: "1", environment: ["SWIFT_BACKTRACE": "enable=yes,color=no,threads=crashed"])
    #expect(outcome.signal == 11, outcome.summary)
    let report = try #require(outcome.errors.range(of: "SUMMARY: AccessAudit: crash during"), outcome.summary)
    let backtrace = try #require(outcome.errors.range(of: "*** Program crashed: "), outcome.summary)
    #expect(report.lowerBound < backtrace.lowerBound)
  }

  /// A reader that is inside when its dictionary is dropped still has the elements when it
  /// continues, however late that is.
  @Test func shield_keepsWhatAReaderIsIn() throws {
    let outcome = try Program.race.run(
      ["replaced-under-reader"], audit: "on_violation=shield wait_ms=500", collectingReports: true)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output == "read 10\nfinished with 1 violations\n", outcome.summary)
    #expect(outcome.violations.map(\.kind) == [.destroyedDuringAccess], outcome.summary)
  }

  /// Eight threads race on one dictionary; the process survives, and the dictionary equals a model.
  @Test func shield_keepsARacedProgramAlive() throws {
    let outcome = try Program.race.run(
      ["shield-survives"], audit: "on_violation=shield wait_ms=20000", collectingReports: true,
      environment: ["RACE_SECONDS": "3"])
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output.contains(" elements intact\n"), outcome.summary)
    // One violation is forced, the others come from this race.
    #expect(outcome.violations.count > 1)
    let pairs = outcome.violations.map { "\($0.kind) \($0.detected.stack) \($0.conflicting.stack)" }
    #expect(Set(pairs).count == pairs.count, "a pair was reported twice")
  }

  /// A thread that has loaded a monitor's address and loses the processor before it publishes its
  /// access finds the elements, not an empty dictionary, when it continues within `wait_ms`. A
  /// tracer stops the threads at random instructions, or just there, four at once.
  @Test(
    .enabled(if: Program.canStopThreads, "the kernel forbids tracing"), arguments: Program.stops)
  func shield_keepsItsPromise_whereverThreadsStop(_ stops: [String]) throws {
    let outcome = try Program.race.run(
      ["shield-survives"], audit: "on_violation=shield wait_ms=60000 log_path=/dev/null",
      environment: ["RACE_SECONDS": "4"], launcher: [Program.threadStopper] + stops + ["40"])
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output.contains(" elements intact\n"), outcome.summary)
  }

  /// Protected collections stay silent wherever their threads lose the processor.
  @Test(
    .enabled(if: Program.canStopThreads, "the kernel forbids tracing"),
    arguments: [
      "silent-mutex", "silent-lock", "silent-queue", "silent-actor", "silent-semaphore", "silent-snapshot",
      "silent-copies",
    ])
  func protected_isSilent_whereverThreadsStop(_ scenario: String) throws {
    let outcome = try Program.race.run(
      [scenario], audit: "on_violation=report", launcher: [Program.threadStopper, "20"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
  }
}
