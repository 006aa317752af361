// SPDX-License-Identifier: Apache-2.0
//
// The trait: auditing is on while a test runs, and its violations become issues of that test.
// Issues are recorded elsewhere.

public import AccessAudit
internal import Synchronization
public import Testing

/// Audits the accesses of a test, or of every test in a suite: a violation fails the test that made
/// it.
///
///     @Suite(.auditedAccesses)
///     struct OrderCacheTests { … }
///
/// The environment variable `ACCESS_AUDIT` is not needed; where it is set, its options apply,
/// except that nothing halts. The issue is at the line of the access that detected the violation.
/// Its comment names the other party, and the report is attached, as text and as JSON.
/// <doc:Attribution> explains how tests that run in parallel are told apart.
public struct AccessAuditTrait: TestTrait, SuiteTrait, TestScoping {
  public var options: AccessAuditOptions
  /// Distinguishes this trait from others with the same options.
  private let id: UInt64

  private static let lastID = Atomic<UInt64>(0)

  public init(options: AccessAuditOptions = AccessAuditOptions()) {
    self.options = options
    id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// The trait applies to suites and tests inside the suite.
  public var isRecursive: Bool { true }

  public func scopeProvider(for test: Test, testCase: Test.Case?) -> AccessAuditTrait? { self }

  /// Runs a suite, a test or a test's case.
  ///
  /// - Blocking: at the end, until the violations seen so far are processed, see
  ///   `AccessAudit.flush()`.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    // A test's own trait is the last of its traits, and replaces those of its suites.
    let last = test.traits.lazy.compactMap { $0 as? AccessAuditTrait }.last
    if let last, last.id != id {
      try await function()
    } else if testCase == nil {
      try await AuditedContainer.run(test, options, function)
    } else {
      try await runCase(of: test, function)
    }
  }

  private func runCase(of test: Test, _ function: @Sendable () async throws -> Void) async throws {
    let scope = AuditScopes.open(ScopeName(test), options: options.scopeOptions)
    let outcome: Result<Void, any Error>
    do {
      var rounds = 0
      repeat {
        rounds += 1
        try await AuditScopes.carrying(scope.id) { try await function() }
      } while rounds < options.hunt.rounds && AuditScopes.huntsAgain()
      outcome = .success(())
    } catch {
      outcome = .failure(error)
    }
    let (unexpected, missing) = options.verdict(on: AuditScopes.close(scope))
    for found in unexpected { IssueRecorder.record(found, in: test, options.severity) }
    if let missing {
      Issue.record("\(missing)", severity: options.severity.testing, sourceLocation: test.sourceLocation)
    }
    if let comment = options.takeSuspects() {
      Issue.record(Comment(rawValue: comment), severity: .warning, sourceLocation: test.sourceLocation)
    }
    try outcome.get()
  }
}

extension Trait where Self == AccessAuditTrait {
  /// Audits the accesses to collections while the test, or each test of the suite, runs.
  public static var auditedAccesses: Self { Self() }

  /// Audits the accesses to collections while the test, or each test of the suite, runs.
  ///
  /// A test's own trait replaces that of its suite.
  ///
  /// - Parameters:
  ///   - expecting: Kinds of violation that the test expects: they are not issues, and the test
  ///     fails if none of them occurs.
  ///   - severity: The severity of a violation.
  ///   - shield: True when conflicting accesses wait for one another.
  ///   - stress: Another name for `hunt: .on`.
  ///   - hunt: Whether accesses are held open where others may run into them, and how often the
  ///     test may run for that.
  ///   - suspects: True when pairs of accesses that came near each other, and of which nothing more
  ///     is known, are shown as a warning, which fails no test.
  public static func auditedAccesses(
    expecting: ViolationKind..., severity: ViolationSeverity = .error, shield: Bool = false, stress: Bool = false,
    hunt: TestHunt = .on, suspects: Bool = false
  ) -> Self {
    Self(
      options: AccessAuditOptions(
        expecting: Set(expecting), severity: severity, shield: shield, stress: stress, hunt: hunt,
        suspects: suspects))
  }
}

extension ScopeName {
  /// The name of the test's function in call stacks.
  init(_ test: Test) {
    let components = test.id.nameComponents.isEmpty ? [test.name] : test.id.nameComponents
    self.init(
      symbol: components.joined(separator: "."), file: test.sourceLocation.fileName,
      display: "test \(test.displayName ?? test.name)")
  }
}
