// SPDX-License-Identifier: Apache-2.0
//
// Report files that no audit wrote: each is an error that names the file, or is shown. None ends
// the reader.

#if REPORTS && canImport(Glibc)

import AccessReports
import AccessTerms
import AccessAuditReports
import Foundation
import Testing

struct HostileFileTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/Fuzz/Corpus/reports")

  @Test func corpus_isReadOrRefused() throws {
    let files = try FileManager.default.contentsOfDirectory(at: Self.corpus, includingPropertiesForKeys: nil)
    #expect(files.count > 4)
    for file in files {
      do {
        let reports = try ReportFile.reports(in: Array(Data(contentsOf: file)), file: "f.json")
        let merged = ViolationMerge.merge(reports)
        for form in ReportForm.allCases { #expect(!form.render(merged).isEmpty, "\(file.lastPathComponent)") }
      } catch let error as ReportFileError {
        #expect(error.description.hasPrefix("f.json: "), "\(file.lastPathComponent)")
      }
    }
  }

  private func changed(_ change: (inout Violation) -> Void) throws -> String {
    var violation = try GoldenTests.reports()[0].violation
    change(&violation)
    return String(decoding: try JSONEncoder().encode(violation), as: UTF8.self)
  }

  private func reason(_ text: String) -> String? {
    do {
      _ = try ReportFile.reports(in: Array(text.utf8), file: "f.json")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func numbersOutOfAllProportion_areErrors() throws {
    #expect(reason(try changed { $0.accesses[0].stack[0].line = .max }) == "f.json: 'line' has a value that cannot be")
    #expect(reason(try changed { $0.container.count = .min }) == "f.json: 'container.count' has a value that cannot be")
    #expect(
      reason(try changed { $0.history[0].ageMilliseconds = .min })
        == "f.json: 'ageMilliseconds' has a value that cannot be")
    #expect(
      reason(try changed { $0.overlap?.atLeastNanoseconds = .max }) == "f.json: 'overlap' has a value that cannot be")
    #expect(reason(try changed { $0.traffic?.reads = .max }) == "f.json: 'traffic' has a value that cannot be")
    #expect(reason(try changed { _ in }) == nil)
  }

  /// All other code relies on exactly two accesses.
  @Test func accessesThatAreNotTwo_areErrors() throws {
    let one = try changed { $0.accesses.removeLast() }
    #expect(reason(one) == "f.json: has not two accesses")
    let merged =
      #"{"schema": "access-audit-merged/1", "violations": [{"fingerprint": "f", "timesSeen": 1, "runs": [], "report": "#
    #expect(reason(merged + one + "}]}") == "f.json: has not two accesses")
  }

  @Test func timesSeen_doNotOverflow() throws {
    let many = try changed { $0.timesSeen = .max }
    let reports = try ReportFile.reports(in: Array((many + many).utf8), file: "f.json")
    #expect(ViolationMerge.merge(reports).map(\.timesSeen) == [.max])
  }
}

#endif
