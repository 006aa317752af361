// SPDX-License-Identifier: Apache-2.0
//
// Merging of reports of the same race, the differences of two runs, the baseline, and files that
// are no reports.

#if REPORTS && canImport(Glibc)

import AccessReports
import AccessTerms
import AccessAuditReports
import Foundation
import Testing

struct MergingTests {
  private func sample() throws -> LoadedReport { try GoldenTests.reports()[0] }

  private func changed(_ change: (inout Violation) -> Void) throws -> LoadedReport {
    var violation = try sample().violation
    change(&violation)
    return LoadedReport(violation: violation, file: "changed.json")
  }

  @Test func sameRace_isMergedAcrossRuns() throws {
    let swapped = try changed { violation in
      violation.accesses.swapAt(0, 1)
      violation.accesses[0].role = .detected
      violation.accesses[1].role = .conflicting
      violation.process.pid = 99
    }
    let elsewhere = try changed { violation in
      violation.accesses[0].stack[1].file = "/other/machine/Sources/OrderCache.swift"
      violation.process.time = "2026-02-01T00:00:00.000Z"
      violation.timesSeen = 5
    }
    let merged = ViolationMerge.merge([try sample(), swapped, elsewhere])
    #expect(merged.count == 1)
    #expect(merged[0].timesSeen == 3 + 3 + 5)
    #expect(merged[0].runs.count == 3)
    #expect(merged[0].report.process.time == "2026-02-01T00:00:00.000Z")
  }

  @Test func otherRaces_stayApart_mostFrequentFirst() throws {
    let label = try changed { $0.container.label = "customers" }
    let line = try changed { violation in
      violation.accesses[0].stack[1].line = 35
      violation.timesSeen = 100
    }
    let operation = try changed { $0.accesses[0].operation = .removeAll }
    let merged = ViolationMerge.merge([try sample(), label, line, operation])
    #expect(merged.count == 4)
    #expect(Set(merged.map(\.fingerprint)).count == 4)
    #expect(merged[0].timesSeen == 100)
    #expect(merged.map(\.timesSeen) == merged.map(\.timesSeen).sorted(by: >))
  }

  /// The race stays the same when its lines move.
  @Test func fingerprint_survivesNewLinesAbove() throws {
    let moved = try changed { violation in
      for access in 0..<2 {
        for frame in violation.accesses[access].stack.indices {
          violation.accesses[access].stack[frame].line = violation.accesses[access].stack[frame].line.map { $0 + 40 }
        }
      }
    }
    let before = ViolationMerge.merge([try sample()])
    let after = ViolationMerge.merge([moved])
    #expect(before[0].fingerprint == after[0].fingerprint)
    let diff = ReportDiff(old: before, new: after)
    #expect(diff.new.isEmpty && diff.gone.isEmpty && diff.unchanged.count == 1)
  }

  @Test func diff_tellsNewGoneAndUnchanged() throws {
    let both = try GoldenTests.reports()
    let diff = ReportDiff(old: ViolationMerge.merge([both[0]]), new: ViolationMerge.merge([both[1]]))
    #expect(diff.new.count == 1 && diff.gone.count == 1 && diff.unchanged.isEmpty)
    #expect(diff.text.hasPrefix("+ concurrent dictionary read and dictionary write on AuditedDictionary<Int, Int>: "))
    #expect(diff.text.hasSuffix("1 new, 1 gone, 0 unchanged\n"))
  }

  @Test func baseline_knowsWhatItWasMadeOf() throws {
    let both = ViolationMerge.merge(try GoldenTests.reports())
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("baseline-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try ViolationBaseline(of: [both[0]]).text.write(to: file, atomically: true, encoding: .utf8)
    let baseline = try ViolationBaseline(contentsOf: file.path)
    let split = baseline.split(both)
    #expect(
      split.known.map(\.fingerprint) == [both[0].fingerprint] && split.new.map(\.fingerprint) == [both[1].fingerprint])
    #expect(baseline.split([both[1]]).unused.map(\.fingerprint) == [both[0].fingerprint])
    #expect(throws: ReportFileError.self) {
      try ViolationBaseline(contentsOf: GoldenTests.folder.path + "/reports.json")
    }
  }

  @Test(arguments: [
    ("", "is not JSON"), ("[]", "is not JSON"), ("{\"schema\": \"access-audit/1\"", "is not JSON"),
    ("{}", "'schema' is missing"),
    ("{\"schema\": \"other/2\"}", "unknown schema 'other/2'"), ("{\"schema\": \"access-audit/1\"}", "' is missing"),
    ("text {\"schema\": \"access-audit/1\"}", "is not JSON"),
    ("{\"schema\": \"access-audit-merged/1\", \"violations\": 3}", "'violations' has a value that is not understood"),
  ])
  func otherFiles_areRefusedWithAReason(_ text: String, _ reason: String) {
    #expect {
      try ReportFile.reports(in: Array(text.utf8), file: "x.json")
    } throws: { error in
      "\(error)".hasPrefix("x.json") && "\(error)".contains(reason)
    }
  }

  @Test func severalReportsInOneFile_areAllRead() throws {
    #expect(try GoldenTests.reports().count == 2)
    let tricky = Array("{\"a\": \"}\\\"{\"}\n{\"b\": {\"c\": []}}".utf8)
    #expect(JSONValues.split(tricky)?.count == 2)
  }

  @Test func github_saysHowManyItCannotShow() throws {
    let many = try (0..<12).map { number in try changed { $0.container.label = "label \(number)%,:" } }
    let lines = ReportForm.github.render(ViolationMerge.merge(many)).split(separator: "\n")
    #expect(lines.count == 13)
    #expect(lines[0].contains("12 violations"))
    #expect(lines.dropFirst().allSatisfy { $0.contains("%25,:'") && $0.contains("title=AccessAudit%3A ") })
  }
}

#endif
