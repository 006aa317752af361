// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `diff`: the new, gone and unchanged races between two sets of reports.

#if ReportTools && canImport(Glibc)
import AccessAuditReports
import ArgumentParser

/// `access-audit diff`.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compares two sets of reports: what is new, gone, unchanged.",
    discussion: """
      A race is the same in both when the same functions made the same operations on the same type and label; lines may \
      have moved.

      Exit status: 0 when nothing is new, 1 when something is, 64 when the usage is wrong or a file cannot be read as \
      reports, 70 when the output cannot be written.

      One of the two can be '-': lines of logs in standard input, as 'show' reads them.

      Example, as a gate: access-audit diff last-release/ races/
      """)

  @Argument(help: "A file or folder of reports; an empty folder for none.", completion: .file())
  var old: String

  @Argument(help: "A file or folder of reports to compare with it.", completion: .file())
  var new: String

  @Option(help: "The form: text, json.")
  var format: DiffForm = .text

  @Option(help: "New violations in this file do not count.", completion: .file())
  var baseline: String?

  func validate() throws {
    if old == "-", new == "-" { throw ValidationError("Only one of the two can be standard input.") }
  }

  enum DiffForm: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  func run() throws {
    let known = try baseline.map { path in try ToolError.loadBaseline(path) }
    let before = try ToolError.loadReports([old], expecting: false)
    var after = try ToolError.loadReports([new])
    if let known {
      let old = Set(before.map(\.fingerprint))
      let split = known.split(after)
      after = split.new + split.known.filter { old.contains($0.fingerprint) }
    }
    let diff = ReportDiff(old: before, new: after)
    print(format == .json ? diff.json : diff.text, terminator: "")
    if !diff.new.isEmpty { throw ToolStatus.findings }
  }
}
#endif
