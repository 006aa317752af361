// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `preflight`: its options, and what becomes of the results. The library goes
// through the stages.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import AccessAuditScanner
import ArgumentParser
import Foundation

extension ChecklistForm: ExpressibleByArgument {}
extension Stage: ExpressibleByArgument {}

/// `access-audit preflight`.
struct PreflightCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preflight", abstract: "Goes through the release checklist, and fails when a stage does.",
    discussion: """
      The stages: sources (the scan), build (what is built can be audited, and its reports be read), tests (under the \
      audit, hunting), canary (the program under load), observability (metrics and alert rules). They are chosen, \
      ordered and configured by the key 'preflight' of \(ScanConfiguration.fileName). --explain shows what would run.

      Exit status: 0 when all is well; else that of the first stage that failed: 11 sources, 12 build, 13 tests, \
      14 canary, 15 observability; 16 when the stages passed and a consequence (--silence, --notify) failed; 64 when \
      the usage or the configuration is wrong, 70 when results cannot be written; 128 and the number after a signal.

      Examples:
        access-audit preflight --explain
        access-audit preflight --continue --report junit=preflight.xml --sarif sources.sarif
        access-audit preflight --stage tests
        access-audit preflight --silence --notify
      """)

  @Option(
    help: "Go through this stage only; can be given again: \(Stage.allCases.map(\.rawValue).joined(separator: ", ")).")
  var stage: [Stage] = []

  @Option(help: "Pass over this stage; can be given again.")
  var skip: [Stage] = []

  @Flag(name: .customLong("continue"), help: "Go through the other stages after one that failed.")
  var continues = false

  @Flag(help: "Show what would run, and end.")
  var explain = false

  @Option(help: "The package.", completion: .directory)
  var packagePath = "."

  @Option(help: "The configuration file; without it, \(ScanConfiguration.fileName) of the package when there is one.")
  var config: String?

  @Option(help: "The form on standard output: \(ChecklistForm.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: ChecklistForm = .text

  @Option(help: "Write the results to a file too, as FORM=FILE; can be given again.")
  var report: [String] = []

  @Option(help: "Write the findings of the stage sources to this file, as SARIF.", completion: .file())
  var sarif: String?

  @OptionGroup var consequences: ConsequenceOptions

  func validate() throws {
    for text in report where Self.reportFile(text) == nil {
      throw ValidationError("--report needs FORM=FILE, with one of the forms of --format, not '\(text)'.")
    }
    if Set(stage).count != stage.count { throw ValidationError("--stage names a stage twice.") }
  }

  private static func reportFile(_ text: String) -> (ChecklistForm, String)? {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let form = ChecklistForm(rawValue: parts[0]) else { return nil }
    return (form, parts[1])
  }

  func run() throws {
    let root = URL(fileURLWithPath: packagePath).resolvingSymlinksInPath().path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root, isDirectory: &isFolder), isFolder.boolValue else {
      throw ToolError.failure("\(root) is no folder")
    }
    let settings = try configuration(root)
    if try consequences.actAlone(settings, root: root, configurationPath: config) { return }
    Interruption.prepare()
    let secrets = SecretVariables(settings.consequences)
    let host = MachineHost(root: root, secretVariables: secrets.names)
    var preflight = Preflight(settings, root: root, host: host)
    preflight.configurationPath = config.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
    preflight.continues = continues
    if explain { return print(preflight.explanation(), terminator: "") }
    // A consequence that cannot be drawn is found before the work, not after it.
    let drawn = try consequences.prepare(settings.consequences, host: host)
    let lock = try ToolError.passing { try FolderLock("\(root)/.build/access-audit", name: "preflight.lock") }
    let result = secrets.redaction.apply(to: try ToolError.passing { try preflight.run() })
    withExtendedLifetime(lock) {}
    try write(result, settings, scan: preflight.scan)
    let areDrawn = drawn.act(on: result, root: root)
    if result.exitStatus != 0 { throw ExitCode(result.exitStatus) }
    if !areDrawn { throw ToolStatus.consequence }
  }

  private func configuration(_ root: String) throws -> PreflightConfiguration {
    let path = config ?? "\(root)/\(ScanConfiguration.fileName)"
    guard let data = FileManager.default.contents(atPath: path) else {
      if config != nil { throw ToolError.failure("\(path): the configuration cannot be read") }
      return chosen(PreflightConfiguration())
    }
    let shown = config ?? ScanConfiguration.fileName
    return try ToolError.usage {
      let text = String(decoding: data, as: UTF8.self)
      // The rest of the file has to be right as well.
      _ = try ScanConfiguration(yaml: text, path: shown)
      return chosen(try PreflightConfiguration(yaml: text, path: shown))
    }
  }

  private func chosen(_ configuration: PreflightConfiguration) -> PreflightConfiguration {
    var configuration = configuration
    if !stage.isEmpty { configuration.stages = stage }
    configuration.stages.removeAll { skip.contains($0) }
    return configuration
  }

  /// Writes the results everywhere they are wanted.
  private func write(_ result: PreflightResult, _ settings: PreflightConfiguration, scan: ScanReport?) throws {
    print(format.render(result), terminator: "")
    var files = settings.reports.map { ($0.key, $0.value) }
    files += report.compactMap(Self.reportFile)
    for (form, path) in files { try ToolError.write(form.render(result), to: path) }
    if let sarif {
      if let scan {
        try ToolError.write(ReportFormat.sarif.render(scan), to: sarif)
      } else {
        ToolError.say("no SARIF is written: the stage sources has not scanned")
      }
    }
    let environment = ProcessInfo.processInfo.environment
    guard environment["GITHUB_ACTIONS"] == "true" else { return }
    if format != .github { print(ChecklistForm.github.render(result), terminator: "") }
    guard let summary = environment["GITHUB_STEP_SUMMARY"], !summary.isEmpty else { return }
    try ToolError.append(ChecklistForm.markdown.render(result), to: summary)
  }
}

extension ToolStatus {
  /// The stages passed, and a consequence could not be drawn.
  static let consequence = ExitCode(16)
}

extension ToolError {
  static func append(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemFailure(path, errno) }
    do {
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      say("error: \(path) cannot be written: \(error)")
      throw ToolStatus.internalError
    }
  }
}
#endif
