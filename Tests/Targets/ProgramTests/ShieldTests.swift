// SPDX-License-Identifier: Apache-2.0
//
// The `shield` policy beside the others: a correct program prints the same under each.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct ShieldTests {
  /// Elements are destroyed at once on the thread that dropped them, and weak references end with
  /// them. A child keeps nothing, and the output of deinitialisers at the end is written.
  @Test(arguments: ["shield-lives", "shield-lives-shared", "shield-fork", "shield-exit"])
  func correctProgram_cannotTell(_ scenario: String) throws {
    var outputs: [String] = []
    for audit in ["off", "on_violation=report", "on_violation=shield"] {
      let outcome = try Program.race.run([scenario], audit: audit, seconds: 60)
      #expect(outcome.status == 0 && outcome.signal == nil && outcome.errors.isEmpty, outcome.summary)
      outputs.append(outcome.output)
    }
    #expect(Set(outputs).count == 1 && outputs[0].contains(scenario == "shield-exit" ? "last words" : "done"))
    #expect(!outputs[0].contains("alive") && !outputs[0].contains("outlived"))
  }

  /// A collection lives until the read of it ends, also where a new one is assigned right after the
  /// read and the optimiser sees both.
  @Test func readThenReplace_findsTheElements() throws {
    for audit in ["off", "1", "on_violation=shield"] {
      let outcome = try Program.race.run(["read-then-replace"], audit: audit, seconds: 60)
      #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
      let sums = outcome.output.split(separator: "\n").prefix(3).joined().split { !$0.isNumber }
      #expect(sums.count == 20 && sums.allSatisfy { $0 == "45" }, outcome.summary)
    }
  }

  /// Eighty values of 10 MB: at most a few exist at once.
  @Test func droppedBytes_areNotKept() throws {
    let outcome = try Program.race.run(["shield-bytes"], audit: "on_violation=shield", seconds: 60)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, outcome.summary)
    let megabytes = try #require(outcome.output.split(separator: " ").compactMap { Int($0) }.first, outcome.summary)
    #expect(megabytes < 120, outcome.summary)
  }

  /// Elements that a reader keeps using stay, and are destroyed with the next ones, on the thread
  /// that dropped them.
  @Test func elementsThatAreRead_goLater() throws {
    let outcome = try Program.race.run(
      ["shield-gives-up"], audit: "on_violation=shield wait_ms=100", collectingReports: true, seconds: 60)
    #expect(outcome.status == 66 && outcome.signal == nil, outcome.summary)
    #expect(outcome.violations.map(\.kind) == [.destroyedDuringAccess], outcome.summary)
    #expect(outcome.output.hasPrefix("done\n"), outcome.summary)
  }
}
