// SPDX-License-Identifier: Apache-2.0
//
// The container of audited tests: a suite, or a test function with its cases. Records the
// unattributed violations once.

internal import AccessAudit
internal import Foundation
internal import Synchronization
internal import Testing

enum AuditedContainer {
  private static let openCount = Mutex(0)
  private static let hasWarned = Atomic<Bool>(false)

  static func run(
    _ test: Test, _ options: AccessAuditOptions, _ function: @Sendable () async throws -> Void
  ) async throws {
    warnIfCompiledOut(test)
    // Auditing stays on from the first test to the last. No task carries this scope, so no
    // violation belongs to it.
    let scope = AuditScopes.open(options: ScopeOptions())
    openCount.withLock { $0 += 1 }
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await function()) } catch { outcome = .failure(error) }
    let isLast = openCount.withLock { count in
      count -= 1
      return count == 0
    }
    if isLast {
      let (violations, lost) = AuditScopes.takeUnattributed()
      record(violations, lost: lost, in: test, options.severity)
    }
    _ = AuditScopes.close(scope)
    try outcome.get()
  }

  private static func record(
    _ violations: [UnattributedViolation], lost: UInt64, in test: Test, _ severity: ViolationSeverity
  ) {
    guard !violations.isEmpty || lost > 0 else { return }
    let recordAll: @Sendable () -> Void = {
      for violation in violations { IssueRecorder.record(violation, severity) }
      if lost > 0 {
        Issue.record(
          "\(lost) violations found the audit's queue full: which tests made them is not known",
          severity: severity.testing)
      }
    }
    // The last open container may be a test function that did not make the violation. Outside any
    // task the issue belongs to no test.
    if test.isSuite { recordAll() } else { onThreadOfItsOwn(recordAll) }
  }

  private static func onThreadOfItsOwn(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    Thread {
      body()
      done.signal()
    }.start()
    done.wait()
  }

  /// Warns once that a release build without auditing passes every test.
  private static func warnIfCompiledOut(_ test: Test) {
    let hint = AccessAuditOptions.buildHint
    guard !hint.isEmpty, !hasWarned.exchange(true, ordering: .relaxed) else { return }
    Issue.record("accesses are not audited\(hint)", severity: .warning, sourceLocation: test.sourceLocation)
  }
}
