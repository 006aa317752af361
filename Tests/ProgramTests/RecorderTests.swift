// SPDX-License-Identifier: Apache-2.0
//
// What recorders, rings and stacks do at their edges, in whole programs.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct RecorderTests {
  /// Another thread writes between a read's look at the version and its second one: the report names the read, and the
  /// history has it.
  @Test func overlap_readThatWasRecordedBeforeTheChange_keepsItsName() throws {
    let outcome = try Program.race.run(
      ["changed-after-record"], audit: "on_violation=report", collectingReports: true, seconds: 60)
    let violation = try #require(outcome.violations.first, outcome.summary)
    let detected = try #require(violation.accesses.first { $0.role == .detected })
    #expect(violation.kind == .writeDuringRead && detected.operation == .subscriptGet, outcome.summary)
    let marked = violation.history.filter { $0.role == .detected }
    #expect(marked.map(\.operation) == [.subscriptGet], outcome.summary)
  }

  /// The thread that makes its first accesses takes no lock of the loader's.
  @Test func noOverlap_firstAccessBesideTheLoader_ends() throws {
    for policy in ["halt", "report", "shield"] {
      let outcome = try Program.race.run(
        ["first-access-beside-the-loader"], audit: "on_violation=\(policy)", collectingReports: true, seconds: 60)
      #expect(
        outcome.status == 0 && outcome.output == "9 elements\nfinished with 0 violations\n", outcome.summary)
    }
  }
}
