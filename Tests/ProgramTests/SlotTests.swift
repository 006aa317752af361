// SPDX-License-Identifier: Apache-2.0
//
// More threads than slots, with a limit that tests can reach.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct SlotTests {
  /// Twenty-five threads, eight slots: each refused thread is counted once and runs as if auditing
  /// were off. When the other threads have ended, all threads are audited again.
  @Test func threadsWithoutASlot_workAndAreCounted() throws {
    let outcome = try Program.race.run(
      ["more-threads-than-slots"], audit: "on_violation=report wait_ms=20000", collectingReports: true, seconds: 60)
    #expect(
      outcome.output
        == "4800 writes, 8 recorders, 17 threads refused\n0 refused afterwards\nfinished with 1 violations\n",
      outcome.summary)
    #expect(outcome.status == 66 && outcome.violations.map(\.container.label) == ["afterwards"], outcome.summary)
  }
}
