// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `scan`: options, files, exit status. The scanner's library makes the findings.

#if Scanner && canImport(Glibc)
public import AccessAuditScanner
import BaselineTerms
public import ArgumentParser
import Foundation

extension ReportFormat: ExpressibleByArgument {}
extension Severity: ExpressibleByArgument {}

/// `access-audit scan`.
struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan", abstract: "Scans Swift sources for shared collections that nothing protects.",
    discussion: """
      Syntax only: names are resolved across the files of a module, types are not checked. Findings can be silenced by \
      a comment with a reason (// access-audit:ignore RULE reason) or by a baseline.
      """)

  @OptionGroup var input: SourceOptions

  @Option(help: "The form of the report: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: ReportFormat = .text

  @Option(help: "Write the report to this file.", completion: .file())
  var output: String?

  @Option(help: "The lowest severity that makes the exit status 1: note, warning, error.")
  var failOn: Severity?

  @Option(help: "Findings in this file do not count.", completion: .file())
  var baseline: String?

  @Option(help: "Write the findings of now to this file; the exit status is 0.", completion: .file())
  var writeBaseline: String?

  @Flag(help: "Print how long the scan took, on standard error.")
  var time = false

  @Flag(help: "Show how the flagged declarations would become audited ones; see 'instrument'.")
  var adopt = false

  @Flag(help: "With --adopt: every collection that can be shared, flagged or not.")
  var all = false

  @Flag(help: "With --adopt and --revert: change the files.")
  var write = false

  @Flag(help: "Show how what was adopted would be undone; see 'instrument'.")
  var revert = false

  func validate() throws {
    if adopt && revert { throw ValidationError("--adopt and --revert exclude each other.") }
    if (all || write) && !(adopt || revert) { throw ValidationError("--all and --write need --adopt or --revert.") }
  }

  func run() throws {
    if adopt || revert {
      return try Adoption(input: input, all: all, revert: revert, write: write).run()
    }
    let start = ContinuousClock.now
    let loaded = try input.load()
    var report = loaded.scan()
    loaded.configuration.apply(to: &report)
    if let path = baseline ?? loaded.configuration.baseline {
      let known = try ToolError.usage { try Baseline(contentsOf: path) }
      let unused = known.apply(to: &report)
      for entry in known.expired() {
        ToolError.say(
          "the baseline's entry for \(entry.rule) \(entry.symbol) expired on \(entry.expires?.description ?? "?")")
      }
      if !unused.isEmpty { ToolError.say("\(unused.count) entries of the baseline match nothing any more") }
    }
    if time {
      let duration = ContinuousClock.now - start
      let milliseconds = Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
      ToolError.say(
        "scanned \(report.lineCount) lines of \(report.sources.count) files in \(Int(milliseconds.rounded())) ms")
    }
    if let writeBaseline {
      let earlier =
        FileManager.default.fileExists(atPath: writeBaseline) ? try? Baseline(contentsOf: writeBaseline) : nil
      try ToolError.write(Baseline(of: report, keeping: earlier).encoded(), to: writeBaseline)
      ToolError.say("wrote \(report.findings.count) findings to \(writeBaseline)")
      return
    }
    let text = format.render(report)
    if let output { try ToolError.write(text, to: output) } else { print(text, terminator: "") }
    let limit = failOn ?? loaded.configuration.failOn
    if report.active.contains(where: { $0.severity >= limit }) { throw ToolStatus.findings }
    if !report.isComplete {
      ToolError.say("not everything was scanned: see the problems")
      throw ToolStatus.incomplete
    }
  }
}
#endif
