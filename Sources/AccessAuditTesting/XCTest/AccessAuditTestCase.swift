// SPDX-License-Identifier: Apache-2.0
//
// The base class for XCTest: auditing is on while a test runs, and its violations become failures
// of that test.

#if AUDITED && canImport(Glibc)

public import AccessAudit
public import XCTest

/// A test case whose accesses are audited: a violation fails the test that made it.
///
/// Inherit from it in place of `XCTestCase`. The failure is at the line of the access that detected
/// the violation. Its description names both parties and the file of the whole report, because
/// XCTest has no attachments on Linux. The files are in a folder below the temporary one; the
/// environment variable `ACCESS_AUDIT_REPORTS` names another one.
open class AccessAuditTestCase: XCTestCase {
  private var expected: Set<ViolationKind> = []

  /// The options for the tests of this class.
  open var auditOptions: AccessAuditOptions { AccessAuditOptions() }

  /// Declares, inside a test, that it expects violations of these kinds: they are not failures, and
  /// the test fails if none of them occurs.
  public func expectViolations(_ kinds: ViolationKind...) { expected.formUnion(kinds) }

  /// Runs the test, with its set-up and tear-down, in a separate scope.
  ///
  /// - Blocking: at the end, until the violations seen so far are processed, see
  ///   `AccessAudit.flush()`.
  open override func invokeTest() {
    var options = auditOptions
    UnattributedReporter.install()
    let scope = AuditScopes.open(ScopeName(self), options: options.scopeOptions)
    expected = []
    AuditScopes.carrying(scope.id) { super.invokeTest() }
    options.expecting.formUnion(expected)
    FailureRecorder.record(AuditScopes.close(scope), options, in: self)
  }
}

extension ScopeName {
  /// The name of the test's method in call stacks.
  init(_ testCase: XCTestCase) {
    self.init(symbol: "\(testCase.name)()", file: nil, display: "test \(testCase.name)")
  }
}

enum FailureRecorder {
  static func record(_ found: [AttributedViolation], _ options: AccessAuditOptions, in testCase: XCTestCase) {
    let (unexpected, missing) = options.verdict(on: found)
    for found in unexpected {
      let violation = found.violation
      let place = ViolationPlace(violation)
      let text = ViolationText.comment(violation, because: "It is this test's: \(found.evidence.rawValue).")
      // Where there is no room for a file the report follows.
      let report = ReportFolder.write(violation).map { " Report: \($0)" } ?? "\n\(violation.textReport)"
      fail(testCase, text + report, place, options.severity)
    }
    if let missing { fail(testCase, missing, nil, options.severity) }
    if let comment = options.takeSuspects() { StandardError.write("\(comment)\n") }
  }

  private static func fail(
    _ testCase: XCTestCase, _ text: String, _ place: ViolationPlace?, _ severity: ViolationSeverity
  ) {
    switch severity {
    case .error:
      testCase.recordFailure(
        withDescription: text, inFile: place?.path ?? testCase.name, atLine: place?.line ?? 0, expected: true)
    case .warning:
      // XCTest has no warnings; this is the format of its failures.
      let location = place.map { "\($0.path):\($0.line)" } ?? "<unknown>:0"
      StandardError.write("\(location): warning: \(testCase.name) : \(text)\n")
    }
  }
}

#endif
