// SPDX-License-Identifier: Apache-2.0
//
// State that the audit preserves, and system calls that it can do without.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct UntouchedTests {
  /// No access changes errno, on any path.
  @Test(arguments: ["report", "shield"])
  func errno_isKept(_ policy: String) throws {
    let outcome = try Program.race.run(
      ["errno-kept"], audit: "on_violation=\(policy) wait_ms=50", collectingReports: true, seconds: 60)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output.hasPrefix("done\n"), outcome.summary)
    #expect(outcome.violations.count >= 2, outcome.summary)
  }

  /// A sandbox that forbids membarrier after the start: no write is lost, no race is missed, and
  /// the diagnostics show the refusal.
  @Test func forbiddenMembarrier_losesNoWrite() throws {
    #if !arch(x86_64) && !arch(arm64)
    // On other architectures nothing is biased, and no barrier is requested.
    return
    #endif
    for (scenario, status) in [("membarrier-forbidden", 0), ("membarrier-forbidden-race", 66)] {
      let outcome = try Program.race.run(
        [scenario], audit: "on_violation=report wait_ms=20000", collectingReports: true, seconds: 60)
      if outcome.status == 77 { return }
      #expect(outcome.status == Int32(status) && outcome.signal == nil, outcome.summary)
      #expect(outcome.output.contains("barriers refused: true, waits given up: 0"), outcome.summary)
      #expect(!outcome.output.contains("lost"), outcome.summary)
      #expect(outcome.violations.map(\.kind) == (status == 0 ? [] : [.concurrentWrites]), outcome.summary)
    }
  }
}
