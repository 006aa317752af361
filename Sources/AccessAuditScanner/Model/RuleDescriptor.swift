// SPDX-License-Identifier: Apache-2.0
//
// What is known of a rule apart from its code: ID, severity, rationale, examples. Nothing here scans.

#if Tools

  /// The description of one rule; the documentation page, SARIF's rule list and `access-audit rules` are made from it.
  public struct RuleDescriptor: Sendable {
    /// The stable ID, in lower case with hyphens; it never changes its meaning.
    public let id: String
    /// The severity unless the configuration says otherwise.
    public let severity: Severity
    /// One line: what the rule finds.
    public let summary: String
    /// Why that is dangerous.
    public let rationale: String
    /// A program with exactly one finding of this rule and none of another.
    public let badExample: String
    /// The same program, corrected: no finding.
    public let goodExample: String
    /// What the rule cannot see, or says too much.
    public let limits: String
  }

#endif
