// SPDX-License-Identifier: Apache-2.0
//
// The idle detector: it sleeps, and misses no later violation.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild))
struct IdleTests {
  @Test(arguments: ["halt", "report", "shield"])
  func idleProcess_isNotWokenUp(_ policy: String) throws {
    let outcome = try Program.race.run(["idle"], audit: "on_violation=\(policy)")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    let found = outcome.output.firstMatch(of: /idle for 3 s: (\d+) wake-ups, (\d+) µs/)
    let wakeUps = try #require(found.flatMap { Int($0.1) }, outcome.summary)
    #expect(wakeUps <= 2, outcome.summary)
  }

  @Test(arguments: ["halt", "report", "shield"])
  func firstAccessesAfterIdleness_areAudited(_ policy: String) throws {
    let outcome = try Program.race.run(
      ["idle-then-race"], audit: "on_violation=\(policy) wait_ms=20000", collectingReports: true)
    #expect(policy == "halt" ? outcome.signal == 6 : outcome.status == 66, outcome.summary)
    let violation = try #require(outcome.violations.first, outcome.summary)
    #expect(violation.kind == .concurrentWrites && violation.container.label == "idle")
    // Younger than the idle time: the access that ended the idle time has corrected the clock.
    let age = try #require(violation.overlap?.conflictingAgeMilliseconds)
    #expect(age < 2_500, outcome.summary)
    #expect(violation.conflicting.operation == .subscriptSet && !violation.conflicting.stack.isEmpty)
  }

  @Test func workAfterIdleness_isAsBefore() throws {
    let outcome = try Program.race.run(["idle-then-work"], audit: "on_violation=report")
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    let expected = "writes 50, lifetime below a second: true\nobserver called\nwrites 57\n"
    #expect(outcome.output.hasPrefix(expected), outcome.summary)
  }
}
