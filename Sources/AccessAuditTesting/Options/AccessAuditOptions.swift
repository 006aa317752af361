// SPDX-License-Identifier: Apache-2.0
//
// A test's options for the audit, the same for Swift Testing and XCTest. Values only.

public import AccessAudit
internal import AccessAuditInterleaving
internal import Synchronization

/// The severity of a violation.
public enum ViolationSeverity: Sendable, Hashable {
  /// The test fails.
  case error
  /// The violation is shown, and the test does not fail.
  case warning
}

/// Whether a test hunts for races, and how often it may run for that.
public enum TestHunt: Sendable, Hashable {
  case off
  /// Accesses are held open where others may run into them, for up to 30 % of the time.
  case on
  /// As `on`; the test's function runs up to so many times, as long as there are pairs of accesses
  /// that came near each other and are neither seen to overlap nor found to be ordered.
  case rounds(Int)

  var rounds: Int {
    if case .rounds(let count) = self { max(1, count) } else { 1 }
  }
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
  /// Another name for hunting, from before there was that: `true` switches it on where ``hunt``
  /// says `off`.
  public var stress: Bool
  /// Whether accesses are held open where others may run into them.
  public var hunt: TestHunt
  /// True when pairs of accesses that came near each other, and of which nothing more is known, are
  /// shown as a comment. They are no failures.
  public var suspects: Bool

  /// The share of a test's time that may go into holds.
  static let huntPercent = 30

  public init(
    expecting: Set<ViolationKind> = [], severity: ViolationSeverity = .error, shield: Bool = false,
    stress: Bool = false, hunt: TestHunt = .on, suspects: Bool = false
  ) {
    self.hunt = hunt
    self.suspects = suspects
    self.expecting = expecting
    self.severity = severity
    self.shield = shield
    self.stress = stress
  }

  var scopeOptions: ScopeOptions {
    ScopeOptions(shields: shield, huntPercent: stress || hunt != .off ? Self.huntPercent : 0)
  }

  /// Judges the violations that a test made: the unexpected ones, and a message when none came
  /// although one was expected.
  func verdict(on found: [AttributedViolation]) -> (unexpected: [AttributedViolation], missing: String?) {
    let others = found.filter { !expecting.contains($0.violation.kind) }
    // One race is one failure, whichever of its accesses saw the other.
    var races: Set<String> = []
    let unexpected = others.filter { races.insert(RaceIdentity.exact($0.violation)).inserted }
    guard !expecting.isEmpty, others.count == found.count else { return (unexpected, nil) }
    let kinds = expecting.map(\.rawValue).sorted().joined(separator: " or ")
    return (unexpected, "no \(kinds) was seen, and this test expects one\(Self.buildHint)")
  }

  private static let shown = Mutex<Set<[Suspect.Access]>>([])

  /// A comment on the suspects that no test of this process has shown yet; `nil` when there are
  /// none, or they are not asked for.
  func takeSuspects() -> String? {
    guard suspects else { return nil }
    let new = AccessAudit.suspects().filter { suspect in
      Self.shown.withLock { $0.insert(suspect.accesses).inserted }
    }
    guard !new.isEmpty else { return nil }
    let lines = ["Suspects, no violations: nothing was seen that keeps these accesses apart."] + new.map(\.description)
    return lines.joined(separator: "\n")
  }

  /// The end of a message when this build cannot audit; otherwise empty.
  static var buildHint: String {
    AuditBuild.isAudited ? "" : ": \(AuditBuild.compiledOut)"
  }
}
