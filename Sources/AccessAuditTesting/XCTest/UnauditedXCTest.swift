// SPDX-License-Identifier: Apache-2.0
//
// The base class and the observer for XCTest where auditing is not compiled in: tests run as they
// are, and stderr says once that nothing is audited. A test that expects a violation fails.

#if !(AUDITED && canImport(Glibc))

public import AccessAudit
internal import Foundation
internal import Synchronization
public import XCTest

/// A test case whose accesses are not audited: this build cannot.
open class AccessAuditTestCase: XCTestCase {
  private var expected: Set<ViolationKind> = []

  /// The options for the tests of this class.
  open var auditOptions: AccessAuditOptions { AccessAuditOptions() }

  /// Declares, inside a test, that it expects violations of these kinds: the test fails, because
  /// none can occur.
  public func expectViolations(_ kinds: ViolationKind...) { expected.formUnion(kinds) }

  /// Runs the test.
  open override func invokeTest() {
    var options = auditOptions
    UnauditedWarning.write()
    expected = []
    super.invokeTest()
    options.expecting.formUnion(expected)
    if let missing = options.verdict(on: []).missing { XCTFail(missing) }
  }
}

/// An observer that observes nothing: this build does not audit.
public final class AccessAuditObserver: Sendable {
  private init() {}

  /// Says once that nothing is audited.
  public static func install(options: AccessAuditOptions = AccessAuditOptions()) { UnauditedWarning.write() }
}

enum UnauditedWarning {
  private static let isWritten = Atomic<Bool>(false)

  static func write() {
    guard !isWritten.exchange(true, ordering: .relaxed) else { return }
    let text = "warning: accesses are not audited\(AccessAuditOptions.buildHint)\n"
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

#endif
