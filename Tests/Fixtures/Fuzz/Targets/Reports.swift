// SPDX-License-Identifier: Apache-2.0
//
// A libFuzzer target: the reader of report files, and all uses of its result. Report files come
// from other processes, other machines, older versions, and hand-written ones.

@testable import AccessReports
@testable import AccessTerms
@testable import AccessAuditReports

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReports(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let buffer = UnsafeBufferPointer(start: bytes, count: count)
  do {
    let reports = try ReportFile.reports(in: Array(buffer), file: "f.json")
    let merged = ViolationMerge.merge(reports)
    precondition(merged.count <= reports.count)
    for form in ReportForm.allCases {
      let text = form.render(merged, settings: RenderSettings(sourceRoot: "/src"))
      // For every content of a file, no control character reaches a terminal.
      precondition(!text.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || $0 == "\u{7F}" }, "\(form)")
    }
    // A written report is read again, and is the same.
    if !merged.isEmpty {
      let again = try ReportFile.reports(in: Array(ReportForm.json.render(merged).utf8), file: "again.json")
      precondition(again.map(\.violation) == merged.map(\.report), "reports changed when they were written")
      let diff = ReportDiff(old: merged, new: ViolationMerge.merge(again))
      precondition(diff.new.isEmpty && diff.gone.isEmpty, diff.text)
      _ = (diff.text, diff.json)
    }
  } catch let error as ReportFileError {
    precondition(!error.description.isEmpty)
  } catch {
    preconditionFailure("another error than a ReportFileError: \(error)")
  }
  return 0
}
