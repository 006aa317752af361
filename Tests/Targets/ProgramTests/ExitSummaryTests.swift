// SPDX-License-Identifier: Apache-2.0
//
// The line at the end of an audited process: there when something was audited, nowhere else.

import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct ExitSummaryTests {
  @Test func audited_saysWhat() throws {
    let outcome = try Program.race.run(["statistics"], audit: "1")
    #expect(
      outcome.exitSummary == "AccessAudit: 0 violations in 76 accesses to 1 collection by 1 thread", outcome.summary)
    #expect(outcome.errors.isEmpty && !outcome.output.contains("AccessAudit"), outcome.summary)
  }

  @Test func raced_saysHowManyRaces() throws {
    let outcome = try Program.race.run(["repeated"], audit: "on_violation=report wait_ms=20000")
    #expect(outcome.exitSummary?.hasPrefix("AccessAudit: 1 violation in ") == true, outcome.summary)
    // The last line is the one that decides the status.
    #expect(outcome.errors.hasSuffix("AccessAudit: reported 1 violation, seen 20 times\n"), outcome.summary)
  }

  @Test(arguments: [nil, "", "0", "off", "exit_summary=off"])
  func off_saysNothing(_ audit: String?) throws {
    let outcome = try Program.race.run(["silent-lock"], audit: audit)
    #expect(outcome.exitSummary == nil && outcome.errors.isEmpty, outcome.summary)
  }

  /// A child that has touched no collection ends without a word; one that has, has a line of its
  /// own.
  @Test func forkedChild_speaksForItself() throws {
    let outcome = try Program.race.run(["forked-children-end"], audit: "1")
    #expect(outcome.status == 0, outcome.summary)
    #expect(outcome.exitSummary?.contains(" violations in ") == true, outcome.summary)
    #expect(outcome.output.contains("lines of untouched child: 0\n"), outcome.summary)
    #expect(outcome.output.contains("lines of touching child: 1\n"), outcome.summary)
  }

  /// Several processes add their lines to one file.
  @Test func file_getsALineOfJSON() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("exit-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    for _ in 0..<2 {
      let outcome = try Program.race.run(["silent-lock"], audit: "exit_summary='\(file.path)'")
      #expect(outcome.exitSummary == nil && outcome.errors.isEmpty, outcome.summary)
    }
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2)
    for line in lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["schema"] as? String == "access-audit-exit/1" && object["violations"] as? Int == 0)
      #expect((object["accesses"] as? Int ?? 0) > 0 && (object["threads"] as? Int ?? 0) > 1)
    }
  }

  /// A program that has closed standard error may have its data under that number.
  @Test func otherFile_isNotWrittenTo() throws {
    let outcome = try Program.race.run(["data-as-stderr"], audit: "1")
    #expect(outcome.status == 0 && outcome.output == "data\nfinished with 0 violations\n", outcome.summary)
  }
}
