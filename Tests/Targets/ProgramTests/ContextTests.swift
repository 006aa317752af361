// SPDX-License-Identifier: Apache-2.0
//
// The content of reports beyond the two accesses: awaiting callers, task, queue, source, runs of
// the history, traffic, and the effect of suppressions.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct ContextTests {
  private func violation(_ scenario: String, audit: String = "") throws -> (Violation, Program.Outcome) {
    let outcome = try Program.race.run(
      [scenario], audit: "on_violation=report wait_ms=20000 \(audit)", collectingReports: true)
    return (try #require(outcome.violations.first, outcome.summary), outcome)
  }

  /// Both parties run in tasks; the functions that await them are two deep.
  @Test func awaitingCallers_followThePhysicalFrames() throws {
    let (violation, outcome) = try violation("awaited")
    for (access, names) in [
      (violation.detected, ["outerEvict(_:)", "closure #2 in static ContextScenarios.awaited()"]),
      (violation.conflicting, ["outerRefresh(_:)", "closure #1 in static ContextScenarios.awaited()"]),
    ] {
      let awaiting = access.stack.filter { $0.isAwaiting && $0.category == .user }
      // The optimiser splits and merges functions, but removes neither of the two.
      for name in names {
        #expect(awaiting.contains { $0.symbol?.contains(name) == true }, outcome.summary)
      }
      #if DEBUG
      #expect(awaiting.count == 2 && awaiting.allSatisfy { $0.line != nil }, outcome.summary)
      #endif
      let first = try #require(access.stack.firstIndex { $0.isAwaiting })
      #expect(access.stack[first...].allSatisfy { $0.isAwaiting }, "awaiting callers come last")
    }
    #expect(violation.detected.task?.name == "evict" && violation.detected.task?.id != 0, outcome.summary)
  }

  @Test func queue_isTheDetectingSides() throws {
    let (violation, outcome) = try violation("queued")
    #expect(violation.detected.queue == "shop.evict", outcome.summary)
    #expect(violation.conflicting.queue == nil && violation.detected.task == nil)
    #expect(violation.detected.stack.allSatisfy { !$0.isAwaiting })
  }

  /// Names are the kernel's. One that says only which pool a thread is from, or was
  /// started by, is none.
  @Test func threads_haveTheirNamesAndNoPools() throws {
    let (named, outcome) = try violation("named-threads")
    #expect(named.detected.thread?.name == "evicter", outcome.summary)
    #expect(named.conflicting.thread?.name == "refresher", outcome.summary)
    let text = try Program.race.run(["queued"], audit: "on_violation=report wait_ms=20000")
    #expect(text.errors.contains(/AccessAudit: write by thread \d+ while thread \d+ is writing/), text.summary)
    #expect(!text.errors.contains("-qos"), text.summary)
  }

  @Test func excerptHistoryAndTraffic() throws {
    let (violation, outcome) = try violation("busy-history")
    for access in violation.accesses {
      let excerpt = try #require(access.excerpt, outcome.summary)
      #expect(excerpt.lines.count == 3 && excerpt.line == access.location?.line)
      #expect(excerpt.lines[1].contains("shared.value[GatedKey("), outcome.summary)
    }
    #expect(violation.history.prefix(2).map(\.role) == [.detected, .conflicting], outcome.summary)
    #expect(violation.history.count == 16)
    #expect(violation.traffic?.reads == 40 && violation.traffic?.writes == 2, outcome.summary)
    #expect(violation.overlap?.accessesBetween == 0, outcome.summary)
    let text = try Program.race.run(["busy-history"], audit: "on_violation=report wait_ms=20000")
    #expect(text.errors.contains(/read  count by thread [^\n]+, 14 times(?: since \d+ ms ago)?\n/), text.summary)
  }

  @Test func missingStack_hasAReason() throws {
    let (violation, outcome) = try violation("stackless", audit: "stacks=off")
    #expect(violation.accesses.allSatisfy { $0.stackLoss == .switchedOff && $0.stack.isEmpty }, outcome.summary)
  }

  @Test func suppressedLabel_countsAndIsSaid() throws {
    let outcome = try Program.race.run(["suppressed-label"], audit: "on_violation=report wait_ms=300")
    #expect(outcome.status == 0, outcome.summary)
    #expect(outcome.output.contains("violations 1 writes "), outcome.summary)
    #expect(!outcome.errors.contains("fatal error"), outcome.summary)
    #expect(
      outcome.errors.contains(/matched 1 suppression \(pid=\d+\)\n  1 dictionary:\^known-\*\$ \(in the program\)/))
    #expect(
      outcome.errors.contains(/1 suppression matched nothing \(pid=\d+\)\n  dictionary:\^never\$ \(in the program\)/))
  }

  @Test func unusedLines_areNamedWithTheirPlace() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("unused-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try "# none matches\nrace:nobody\n\nrace_top:nothing\n".write(to: file, atomically: true, encoding: .utf8)
    let outcome = try Program.race.run(["statistics"], audit: "suppressions='\(file.path)'")
    #expect(outcome.errors.contains("2 suppressions matched nothing"), outcome.summary)
    #expect(outcome.errors.contains("  race:nobody (\(file.path):2)\n"), outcome.summary)
    #expect(outcome.errors.contains("  race_top:nothing (\(file.path):4)\n"), outcome.summary)
  }

  @Test func totals_areExported() throws {
    let outcome = try Program.race.run(["totals"], audit: "on_violation=report wait_ms=20000")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.contains("access_audit_violations_total{kind=\"concurrent-writes\"} 1"), outcome.summary)
    let race = try #require(lines.first { $0.hasPrefix("access_audit_races{race=\"") }, "\(outcome.summary)")
    #expect(race.hasSuffix("\"} 1") && race.count == "access_audit_races{race=\"0123456789abcdef\"} 1".count)
    #expect(lines.contains("access_audit_enabled 1"), outcome.summary)
    #expect(lines.contains("access_audit_duty_ratio 1.0"), outcome.summary)
    #expect(lines.contains("access_audit_detector_running 1"), outcome.summary)
    #expect(lines.contains { $0.hasPrefix("access_audit_suspects ") }, outcome.summary)
    let families = lines.filter { $0.hasPrefix("# TYPE ") }
    #expect(Set(families).count == families.count && families.count == 12, outcome.summary)
  }
}
