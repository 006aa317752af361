// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `show`: reports read back, merged and shown in another format. The library renders
// them.

#if ReportTools && canImport(Glibc)
import AccessAuditReports
import ArgumentParser

/// `access-audit show`.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows JSON reports: merged, most frequent first, in several forms.",
    discussion: """
      Reads the files that log_format=json writes, and what 'show --format json' wrote. Reports of one race are merged \
      across processes and runs: the same two places, operations, type and label, whichever of the two saw the other.

      '-' reads lines from standard input, as the logs of many machines have them: other lines are passed over, reports \
      behind other text and in strings of other JSON are found, and each race is shown with the machines and builds \
      that saw it. Memory grows with the number of races, not of lines.

      Forms: text; json; html (one page that needs no network); trace (for ui.perfetto.dev and chrome://tracing); \
      sarif (2.1.0, for code scanning); github (workflow annotations).

      Exit status: 0; with --baseline 1 when a violation is not in it; 64 when the usage is wrong or a file cannot be \
      read as reports; 70 when the output cannot be written.

      Examples:
        access-audit show races/*.json
        access-audit show races --format html --output races.html
        access-audit show races --symbols build/unstripped
        access-audit show races --baseline known-races.json --format github
        kubectl logs -l app=shop --tail=-1 | access-audit show -
      """)

  @Argument(
    help: "JSON reports, folders of them, and '-' for lines in standard input.", completion: .file(extensions: ["json"])
  )
  var files: [String]

  @Option(
    help: """
      A file with symbols, or a folder of such files, also in debuginfod's layout: names frames of stripped programs by \
      build ID; can be given again.
      """, completion: .directory)
  var symbols: [String] = []

  @OptionGroup var output: OutputOptions

  func run() throws {
    let baseline = try output.loadBaseline()
    let merged = try ToolError.loadReports(files, symbols: symbols)
    try output.writeBaseline(merged)
    guard let baseline else {
      // Where nothing was reported it is not known whether anything was audited.
      if merged.isEmpty, output.format == .text { return try output.put("No reports.\n") }
      return try output.write(merged, known: [])
    }
    let split = baseline.split(merged)
    try output.write(split.new, known: split.known)
    for entry in split.unused { ToolError.say("the baseline's entry is not needed any more: \(entry.summary)") }
    if !split.new.isEmpty { throw ToolStatus.findings }
  }
}
#endif
