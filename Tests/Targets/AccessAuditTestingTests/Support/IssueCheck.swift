// SPDX-License-Identifier: Apache-2.0
//
// Tests a trait that records issues: catches them around the trait, and compares them with the
// announcement of the test's body.

#if AUDITED && canImport(Glibc)

import AccessAuditTesting
import Foundation
import Synchronization
import Testing

/// Collects the issues that are recorded inside it, and passes them to a check when the test has
/// ended. Put it before the trait that is tested.
struct IssueCheck: TestTrait, TestScoping {
  /// The announcement of a test's body to the check that follows it.
  final class Case: Sendable {
    private let state = Mutex<(issues: [Issue], isRaced: Bool?)>(([], nil))
    var issues: [Issue] { state.withLock { $0.issues } }
    var isRaced: Bool? { state.withLock { $0.isRaced } }
    func add(_ issue: Issue) { state.withLock { $0.issues.append(issue) } }
    func announce(isRaced: Bool) { state.withLock { $0.isRaced = isRaced } }
  }

  @TaskLocal static var current: Case?

  let check: @Sendable (Case) -> Void

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    let collected = Case()
    let handler: IssueHandlingTrait = .compactMapIssues { issue in
      collected.add(issue)
      return nil
    }
    try await Self.$current.withValue(collected) {
      try await handler.provideScope(for: test, testCase: testCase, performing: function)
    }
    check(collected)
  }
}

extension Trait where Self == IssueCheck {
  /// Lets `check` judge the issues of the test in place of the test's runner.
  static func issues(_ check: @escaping @Sendable (IssueCheck.Case) -> Void) -> Self { Self(check: check) }
}

extension Issue {
  var text: String { comments.map(\.rawValue).joined(separator: "\n") }
}

/// True when this process runs these tests only. Other tests switch auditing on and off, and count
/// violations.
let isAlone = CommandLine.arguments.contains { $0.contains("AccessAuditTestingTests") }
let aloneComment: Comment = "run by themselves: swift test --filter '^AccessAuditTestingTests\\.'"

/// True when the collections of this build are audited.
let isAuditedBuild: Bool = {
  #if AUDITED && canImport(Glibc)
  true
  #else
  false
  #endif
}()

#endif
