// SPDX-License-Identifier: Apache-2.0
//
// A test's options for the audit, the same for Swift Testing and XCTest. Values only.

public import AccessAudit
internal import AccessAuditInterleaving

/// The severity of a violation.
public enum ViolationSeverity: Sendable, Hashable {
  /// The test fails.
  case error
  /// The violation is shown, and the test does not fail.
  case warning
}

/// A test's options for the audit while the test runs.
public struct AccessAuditOptions: Sendable, Hashable {
  /// Kinds of violation that the test expects: they are not issues, and the test fails if none of
  /// them occurs.
  public var expecting: Set<ViolationKind>
  public var severity: ViolationSeverity
  /// True when conflicting accesses wait for one another (`on_violation=shield`), so that a raced
  /// test reaches its end.
  public var shield: Bool
  /// True when sampled accesses are delayed, so that others overlap with them (`delay_us`).
  public var stress: Bool

  /// The longest delay of a stressed access.
  static let stressMicroseconds = 100

  public init(
    expecting: Set<ViolationKind> = [], severity: ViolationSeverity = .error, shield: Bool = false,
    stress: Bool = false
  ) {
    self.expecting = expecting
    self.severity = severity
    self.shield = shield
    self.stress = stress
  }

  var scopeOptions: ScopeOptions {
    ScopeOptions(shields: shield, delayMicroseconds: stress ? Self.stressMicroseconds : 0)
  }

  /// Judges the violations that a test made: the unexpected ones, and a message when none came
  /// although one was expected.
  func verdict(on found: [AttributedViolation]) -> (unexpected: [AttributedViolation], missing: String?) {
    let unexpected = found.filter { !expecting.contains($0.violation.kind) }
    guard !expecting.isEmpty, unexpected.count == found.count else { return (unexpected, nil) }
    let kinds = expecting.map(\.rawValue).sorted().joined(separator: " or ")
    return (unexpected, "no \(kinds) was seen, and this test expects one\(Self.buildHint)")
  }

  /// The end of a message when this build cannot audit; otherwise empty.
  static var buildHint: String {
    AuditBuild.isAudited ? "" : ": \(AuditBuild.compiledOut)"
  }
}
