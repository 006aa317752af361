// SPDX-License-Identifier: Apache-2.0
//
// Bad use of an audited collection ends the process as it would with the plain one, with the same
// message, audited or not; and a closure that throws ends its access.

import Testing

@Suite(.serialized)
struct BadUseTests {
  static let uses = [
    "literal", "unique", "foreign-index", "end-index", "remove", "set-index", "set-first", "array-index",
    "array-assign", "array-last", "array-range",
  ]

  @Test(arguments: uses, [nil, "1"])
  func badUse_trapsAsThePlainType(_ use: String, _ audit: String?) throws {
    let plain = try Program.race.run(["bad-\(use)-plain"], audit: nil)
    let audited = try Program.race.run(["bad-\(use)-audited"], audit: audit)
    // SIGILL or SIGTRAP.
    #expect(plain.signal == 4 || plain.signal == 5, plain.summary)
    #expect(audited.signal == plain.signal, audited.summary)
    #expect(!audited.errors.contains("SUMMARY"), audited.summary)
    // Optimised code of the standard library prints no message.
    #if DEBUG
    #expect(Self.message(audited) == Self.message(plain), "\(audited.summary)\n\(plain.summary)")
    #expect(!Self.message(plain).isEmpty, plain.summary)
    #endif
  }

  /// The runtime's message after the file and line, which differ.
  private static func message(_ outcome: Program.Outcome) -> String {
    outcome.errors.split(separator: "\n").compactMap { line in
      line.ranges(of: "Fatal error: ").first.map { String(line[$0.upperBound...]) }
    }.joined()
  }

  @Test func noOverlap_afterAClosureThrew() throws {
    for policy in ["halt", "report"] {
      let outcome = try Program.race.run(["throwing-closures"], audit: "on_violation=\(policy)")
      #expect(outcome.status == 0 && outcome.output == "finished with 0 violations\n", outcome.summary)
    }
  }
}
