// SPDX-License-Identifier: Apache-2.0
//
// The program's own crashes beside lawful accesses of other threads are not reported as races;
// crashes inside overlapped accesses are.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct CrashEvidenceTests {
  /// No other thread overlaps here: the crash is passed on unchanged, and nothing is reported.
  @Test(arguments: [
    "crash-beside-reader", "crash-behind-many-records history_size=64", "crash-beside-fork-of-copy delay_us=10000",
    "crash-after-own-fork", "crash-inside-malloc",
  ])
  func noOverlap_ofACrash(_ scenarioAndOptions: String) throws {
    let parts = scenarioAndOptions.split(separator: " ")
    for policy in ["halt", "report", "shield"] {
      let outcome = try Program.race.run(
        [String(parts[0])], audit: "on_violation=\(policy) \(parts.dropFirst().joined(separator: " "))",
        collectingReports: true, seconds: 60)
      #expect(outcome.signal == 11 && outcome.violations.isEmpty && outcome.errors.isEmpty, outcome.summary)
    }
  }

  @Test func overlap_ofACrashingWriterAndAReader() throws {
    let outcome = try Program.race.run(
      ["crash-of-writer-beside-reader"], audit: "on_violation=report", collectingReports: true)
    #expect(outcome.signal == 11, outcome.summary)
    let violation = try #require(outcome.violations.last, outcome.summary)
    #expect(violation.kind == .crashDuringAccess && violation.detected.writing, outcome.summary)
    #expect(violation.detected.operation == .subscriptSet, outcome.summary)
    #expect(!violation.conflicting.writing && violation.conflicting.operation == .subscriptGet, outcome.summary)
    #expect(violation.conflicting.inProgress, outcome.summary)
  }

  @Test func overlap_ofACrashingReaderAndADestruction() throws {
    let outcome = try Program.race.run(
      ["crash-after-destruction"], audit: "on_violation=report", collectingReports: true)
    #expect(outcome.signal == 11, outcome.summary)
    let violation = try #require(outcome.violations.last, outcome.summary)
    #expect(violation.kind == .crashDuringAccess && !violation.detected.writing, outcome.summary)
    #expect(violation.conflicting.operation == .destroy, outcome.summary)
    #expect(violation.conflicting.thread?.id != violation.detected.thread?.id, outcome.summary)
  }

  /// The crashed thread holds a lock of the allocator's: the process ends by its signal. A report
  /// comes first where the detector needs nothing of that arena, in which the runtime may have kept
  /// what it grows when a type is used for the first time; otherwise what can be said without the
  /// detector, after ten seconds.
  @Test(arguments: [("halt", 8), ("report", 8), ("shield", 8), ("halt", 1), ("report", 1)])
  func crashInsideMalloc_ends(_ policy: String, _ arenas: Int) throws {
    let outcome = try Program.race.run(
      ["crash-inside-malloc-overlapped"], audit: "on_violation=\(policy) wait_ms=100", seconds: 60,
      environment: ["MALLOC_ARENA_MAX": "\(arenas)"])
    #expect(outcome.signal == 11, outcome.summary)
    let isBare = outcome.errors.hasPrefix("fatal error: crash during concurrent access (SIGSEGV)\n")
    #expect(isBare || (arenas > 1 && outcome.errors.hasPrefix("====")), outcome.summary)
  }
}
