// SPDX-License-Identifier: Apache-2.0
//
// Turns a violation into an issue of Swift Testing with the report attached. Runs on a task of the
// test or, for unattributed violations, on a thread outside any task; never on the detector.

internal import AccessAudit
internal import Synchronization
internal import Testing

enum IssueRecorder {
  /// Numbers the attachments of the process, so that their names differ.
  private static let lastNumber = Atomic<Int>(0)

  static func record(_ found: AttributedViolation, in test: Test, _ severity: ViolationSeverity) {
    record(
      found.violation, because: "It is this test's: \(found.evidence.rawValue).", fallback: test.sourceLocation,
      module: test.id.moduleName, severity)
  }

  static func record(_ found: UnattributedViolation, _ severity: ViolationSeverity) {
    record(
      found.violation, because: "No test can be shown to have made it: \(found.reason).", fallback: #_sourceLocation,
      module: nil, severity)
  }

  private static func record(
    _ violation: Violation, because reason: String, fallback: SourceLocation, module: String?,
    _ severity: ViolationSeverity
  ) {
    let place = ViolationPlace(violation).map { place in
      SourceLocation(
        fileID: "\(place.moduleName(ofTestIn: module))/\(place.fileName)", filePath: place.path, line: place.line,
        column: place.column)
    }
    let location = place ?? fallback
    let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
    let name = "access-audit-\(number)-\(violation.kind.rawValue)"
    Attachment.record(violation.textReport, named: "\(name).txt", sourceLocation: location)
    Attachment.record(violation.jsonReport, named: "\(name).json", sourceLocation: location)
    Issue.record(
      Comment(rawValue: ViolationText.comment(violation, because: reason)), severity: severity.testing,
      sourceLocation: location)
  }
}

extension ViolationSeverity {
  var testing: Issue.Severity {
    switch self {
    case .error: .error
    case .warning: .warning
    }
  }
}
