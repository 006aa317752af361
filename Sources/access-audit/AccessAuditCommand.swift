// SPDX-License-Identifier: Apache-2.0
//
// The root of the command-line tool: its subcommands and exit statuses. Each subcommand has its own
// folder.

#if ReportTools && canImport(Glibc)
import AccessReports
import AccessTerms
import ArgumentParser

/// The root command.
@main
struct AccessAuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access-audit",
    abstract: "Finds collections that threads share without protection.",
    discussion: """
      Exit status: 0 nothing found, 1 findings, 64 wrong usage or configuration, 65 sources that could not be scanned, \
      70 internal error; 'run' passes the program's on, and ends with 69 when nothing was audited; 'try' \
      ends with 66 after a race; 'preflight' has a status for each stage, 11 to 15.
      """,
    version: PackageVersion.text,
    subcommands: [
      RunCommand.self, ShowCommand.self, DiffCommand.self, TrafficCommand.self, AdviseCommand.self, LoadCommand.self,
      DiagnosticsCommand.self,
    ] + scanning)

  /// The subcommands for sources, where they were built.
  private static var scanning: [any ParsableCommand.Type] {
    #if Scanner
    [
      TryCommand.self, PreflightCommand.self, BaselineCommand.self, ScanCommand.self, InstrumentCommand.self,
      RulesCommand.self,
    ]
    #else
    [TryCommandMissing.self, PreflightCommandMissing.self, ScanCommandMissing.self, InstrumentCommandMissing.self]
    #endif
  }
}

/// The exit statuses of the tool.
enum ToolStatus {
  static let findings = ExitCode(1)
  static let usage = ExitCode(64)
  /// A source file could not be scanned, so that nothing can be said of it.
  static let incomplete = ExitCode(65)
  /// The program was not audited, so that nothing can be said of it.
  static let notAudited = ExitCode(69)
  static let internalError = ExitCode(70)
}
#endif
