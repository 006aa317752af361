// SPDX-License-Identifier: Apache-2.0
//
// The description of a rule: ID, severity, rationale, examples. Nothing here scans.

#if Scanner

/// The description of one rule; the documentation page, SARIF's rule list and
/// `access-audit rules` are made from it.
public struct RuleDescriptor: Sendable {
  /// The stable ID, in lower case with hyphens; it never changes its meaning.
  public let id: String
  /// The default severity; the configuration can change it.
  public let severity: Severity
  /// The faults that the rule finds, in one line.
  public let summary: String
  /// Why the finding is dangerous.
  public let rationale: String
  /// A program with exactly one finding of this rule and none of another.
  public let badExample: String
  /// The same program, corrected: no finding.
  public let goodExample: String
  /// Faults that the rule misses, and correct code that it reports.
  public let limits: String
}

#endif
