// SPDX-License-Identifier: Apache-2.0
//
// The observer for XCTest: audits the tests of classes that cannot change their base class. Also
// the report of unattributed violations at the end, which the base class uses too.

#if AUDITED && canImport(Glibc)

internal import AccessAudit
internal import Foundation
internal import Synchronization
public import XCTest

/// Audits every XCTest of the process that does not inherit from ``AccessAuditTestCase``.
///
/// Install it before the tests, for instance in the `class func setUp()` of each class to audit.
/// An observer cannot run an XCTest in a scope, so only the accesses of the test's own thread have
/// the test's context. Violations of other threads are attributed by call stack and by the creation
/// of the collection. Prefer the base class, which attributes more.
public final class AccessAuditObserver: XCTestObservation, Sendable {
  private struct State {
    var isInstalled = false
    var open: (test: ObjectIdentifier, scope: AuditScope)?
  }

  private static let shared = AccessAuditObserver()
  private let options = Mutex(AccessAuditOptions())
  private let state = Mutex(State())

  private init() {}

  /// Audits the tests that begin from now on, with these options.
  ///
  /// - Complexity: O(1). Another call replaces the options.
  public static func install(options: AccessAuditOptions = AccessAuditOptions()) {
    shared.options.withLock { $0 = options }
    let isFirst = shared.state.withLock { state in
      defer { state.isInstalled = true }
      return !state.isInstalled
    }
    guard isFirst else { return }
    UnattributedReporter.install()
    XCTestObservationCenter.shared.addTestObserver(shared)
  }

  /// Opens the test's scope. Teardown blocks run in reverse order, so this first one runs last,
  /// while failures still count.
  public func testCaseWillStart(_ testCase: XCTestCase) {
    guard !(testCase is AccessAuditTestCase) else { return }
    let options = options.withLock { $0 }
    let scope = AuditScopes.open(ScopeName(testCase), options: options.scopeOptions)
    AuditScopes.setMainThreadScope(scope)
    state.withLock { $0.open = (ObjectIdentifier(testCase), scope) }
    nonisolated(unsafe) let testCase = testCase
    testCase.addTeardownBlock { AccessAuditObserver.shared.finish(testCase, options) }
  }

  /// Closes the scope of a test that never reached its teardown.
  public func testCaseDidFinish(_ testCase: XCTestCase) { finish(testCase, options.withLock { $0 }) }

  private func finish(_ testCase: XCTestCase, _ options: AccessAuditOptions) {
    let scope = state.withLock { state -> AuditScope? in
      guard state.open?.test == ObjectIdentifier(testCase) else { return nil }
      defer { state.open = nil }
      return state.open?.scope
    }
    guard let scope else { return }
    AuditScopes.setMainThreadScope(nil)
    FailureRecorder.record(AuditScopes.close(scope), options, in: testCase)
  }
}

/// Reports the unattributed violations when the last test has ended. XCTest can record nothing
/// outside a test, so the report goes to stderr and the process ends with the audit's status, 66.
final class UnattributedReporter: XCTestObservation, Sendable {
  private static let isInstalled = Atomic<Bool>(false)

  static func install() {
    guard !isInstalled.exchange(true, ordering: .relaxed) else { return }
    XCTestObservationCenter.shared.addTestObserver(UnattributedReporter())
  }

  func testBundleDidFinish(_ testBundle: Bundle) {
    AuditScopes.leave(AuditScopes.takeUnattributed().violations)
  }
}

enum StandardError {
  static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}

#endif
