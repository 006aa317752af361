// SPDX-License-Identifier: Apache-2.0
//
// Threads that end inside an access, and a main thread that never returns: nothing hangs, and only
// real violations are reported.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct ThreadTests {
  /// The write never ends, so the next access overlaps with it: the dictionary is without storage,
  /// and the plain one crashes.
  @Test(arguments: ["pthread-exit-in-write", "pthread-cancel-in-write"]) func endInWrite_isReported(_ name: String)
    throws
  {
    let halted = try Program.race.run([name], audit: "on_violation=halt", collectingReports: true, seconds: 60)
    #expect(halted.signal == 6 && halted.violations.map(\.kind) == [.readDuringWrite], halted.summary)
    for policy in ["report", "shield"] {
      let outcome = try Program.race.run(
        [name], audit: "on_violation=\(policy) wait_ms=50", collectingReports: true, seconds: 60)
      #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
      #expect(outcome.output == "ended\nfinished with 1 violations\n", outcome.summary)
      #expect(outcome.violations.first?.conflicting.operation == .subscriptSet, outcome.summary)
    }
  }

  /// An ended reader blocks no thread, not even writers that wait under `shield`.
  @Test(arguments: ["pthread-exit-in-read", "pthread-cancel-in-read"]) func endInRead_isSilent(_ name: String) throws {
    for policy in ["halt", "report", "shield"] {
      let begin = Date()
      let outcome = try Program.race.run([name], audit: "on_violation=\(policy) wait_ms=20000", seconds: 60)
      #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
      #expect(Date().timeIntervalSince(begin) < 15, outcome.summary)
    }
  }

  @Test func blockedMainThread_changesNothing() throws {
    let halted = try Program.race.run(["main-blocked"], audit: "1", collectingReports: true, seconds: 60)
    #expect(halted.signal == 6 && halted.violations.map(\.kind) == [.concurrentWrites], halted.summary)
    let reported = try Program.race.run(
      ["main-blocked"], audit: "on_violation=report wait_ms=20000", collectingReports: true, seconds: 60)
    #expect(reported.status == 66 && reported.signal == nil && reported.violations.count == 1, reported.summary)
  }
}
