// SPDX-License-Identifier: Apache-2.0
//
// Correct programs stay silent and end as they would without the audit.

import Testing

@Suite(.serialized)
struct SilentTests {
  static let scenarios = [
    "silent-lock", "silent-mutex", "silent-queue", "silent-barrier", "silent-actor", "silent-semaphore",
    "silent-snapshot", "silent-copies", "silent-array-repeating", "silent-child-tasks", "silent-modify-across-await",
    "silent-join", "silent-readers", "silent-moved", "silent-values-dictionary", "silent-address-reuse",
    "silent-suppressed", "silent-dictionary-views", "silent-set-views", "silent-array-views", "silent-set-array-lock",
    "variable-silent", "window-closes-after-throw", "window-closes-after-modify",
    "remedy-locked", "remedy-read-write", "remedy-sharded", "remedy-read-mostly", "remedy-serial", "remedy-key-locks",
    "remedy-safe",
  ]

  @Test(arguments: scenarios)
  func noOverlap_isSilent(_ scenario: String) throws {
    for policy in ["halt", "report"] {
      let outcome = try Program.race.run([scenario], audit: "on_violation=\(policy)")
      #expect(outcome.status == 0 && outcome.signal == nil, outcome.summary)
      #expect(outcome.output == "finished with 0 violations\n", outcome.summary)
      #expect(outcome.errors == (isAuditedBuild ? "" : compiledOutLine), outcome.summary)
    }
  }

  private var compiledOutLine: String {
    "AccessAudit: ACCESS_AUDIT is set, but auditing is compiled out of this release build; "
      + "build in debug, or with the package trait AuditInRelease\n"
  }
}
