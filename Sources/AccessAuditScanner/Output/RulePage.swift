// SPDX-License-Identifier: Apache-2.0
//
// The documentation page of the rules, made from the rule table; a test compares it with the
// checked-in page.

#if Scanner

/// Renders the rules as Markdown.
public enum RulePage {
  /// The whole page.
  public static func render() -> String {
    var text = """
      # Rules

      What the scanner finds, rule by rule: why it is dangerous, a program that has it, the same program without it, and
      what the rule cannot see.

      ## Overview

      | rule | severity | finds |
      |---|---|---|

      """
    for rule in RuleTable.descriptors {
      text += "| `\(rule.id)` | \(rule.severity.rawValue) | \(rule.summary) |\n"
    }
    text += """

      Severities can be changed, and rules turned off, in the configuration; see <doc:Configuration>. Each example below is
      run by the tests: the first has exactly one finding, of that rule; the second has none.


      """
    text += RuleTable.descriptors.map(section).joined(separator: "\n")
    return text
  }

  /// One rule.
  public static func section(_ rule: RuleDescriptor) -> String {
    """
    ## \(rule.id)

    \(rule.summary) Severity: \(rule.severity.rawValue).

    \(rule.rationale)

    Found:

    ```swift
    \(rule.badExample)
    ```

    Not found:

    ```swift
    \(rule.goodExample)
    ```

    **Limits.** \(rule.limits)

    """
  }
}

#endif
