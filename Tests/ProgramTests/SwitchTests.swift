// SPDX-License-Identifier: Apache-2.0
//
// The switch: off means that the audit does nothing; bad options warn and change nothing.

import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct SwitchTests {
  @Test(arguments: [nil, "", "0", "off"])
  func off_leavesNothingBehind(_ audit: String?) throws {
    let outcome = try Program.race.run(["print-state"], audit: audit)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first == "enabled false", outcome.summary)
    #expect(lines.contains("collections 0"), outcome.summary)
    let on = try Program.race.run(["print-state"], audit: "1")
    #expect(lines.contains("detector false") && lines.contains("handlers 0"), outcome.summary)
    #expect(on.output.contains("\ndetector true\n"), on.summary)
    #expect(outcome.errors.isEmpty && on.errors.isEmpty)
  }

  @Test(arguments: ["1", "on", "stacks=caller", "on,stack_depth=5", "verbosity=0"])
  func on_switchesOn(_ audit: String) throws {
    let outcome = try Program.race.run(["print-state"], audit: audit)
    #expect(outcome.output.hasPrefix("enabled true\n"), outcome.summary)
    #expect(outcome.errors.isEmpty, outcome.summary)
  }

  @Test(arguments: [
    ("on_violatoin=report", "unknown option 'on_violatoin'; did you mean 'on_violation'?"),
    ("stack_depth=0", "stack_depth='0' is ignored: it must be a number from 1 to 128; 32 stays"),
    ("stack_depth=many", "stack_depth='many' is ignored"),
    ("history_size=99999999999999999999", "history_size='99999999999999999999' is ignored"),
    ("exitcode=256", "exitcode='256' is ignored: it must be a number from 0 to 255; it stays unset"),
    ("on_violation=explode", "must be one of halt, report, shield; halt stays"),
    ("log_format=xml", "must be text, json or text+json"),
    ("bogus", "'bogus' is not of the form key=value"),
    ("suppressions=/no/such/file", "cannot read the suppressions file '/no/such/file': No such file or directory"),
    ("suppressions=/", "cannot read the suppressions file '/': Is a directory"),
    ("log_path='unclosed", "a quote is not closed"),
  ])
  func badOption_warnsOnce(_ audit: String, _ warning: String) throws {
    let outcome = try Program.race.run(["print-state"], audit: audit)
    #expect(outcome.status == 0, outcome.summary)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 1, outcome.summary)
    #expect(lines.first?.hasPrefix("AccessAudit: warning: ") == true, outcome.summary)
    #expect(outcome.errors.contains(warning), outcome.summary)
  }

  @Test func help_printsTheTable() throws {
    let outcome = try Program.race.run(["print-state"], audit: "help=1 stack_depth=7")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("  stack_depth=1 … 128 frames [7]\n"), outcome.summary)
    for key in ["on_violation", "exitcode", "log_path", "suppressions", "max_reports", "wait_ms"] {
      #expect(outcome.errors.contains("  \(key)="), outcome.summary)
    }
  }

  @Test func configure_winsOverTheEnvironment() throws {
    let outcome = try Program.race.run(["configured"], audit: nil)
    #expect(outcome.status == 7, outcome.summary)
    #expect(outcome.errors.contains("stack_depth='4000' is ignored"), outcome.summary)
    #expect(outcome.output == "finished with 1 violations\n", outcome.summary)
  }
}

@Suite(.enabled(if: !isAuditedBuild), .serialized)
struct CompiledOutTests {
  @Test func release_saysThatAuditingIsCompiledOut() throws {
    let outcome = try Program.race.run(["silent-copies"], audit: "1")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("auditing is compiled out"), outcome.summary)
    let quiet = try Program.race.run(["silent-copies"], audit: nil)
    #expect(quiet.errors.isEmpty)
  }
}
