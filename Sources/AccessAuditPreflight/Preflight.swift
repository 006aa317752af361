// SPDX-License-Identifier: Apache-2.0
//
// Goes through the stages of the checklist in order, and stops at the first that fails unless it
// is told to go on. What a stage checks is in its own file.

#if Scanner && canImport(Glibc)

package import AccessAuditScanner
internal import Foundation

package struct Preflight {
  package var configuration: PreflightConfiguration
  /// The package's folder.
  package var root: String
  /// The path of the configuration file, when one was named.
  package var configurationPath: String?
  /// Whether stages that follow a failed one are gone through too.
  package var continues = false
  let host: any PreflightHost
  /// What the canary's endpoint said before the program was stopped.
  var metricsOfCanary: String?
  /// What the scan has found, for SARIF.
  package private(set) var scan: ScanReport?

  package init(_ configuration: PreflightConfiguration, root: String, host: any PreflightHost) {
    self.configuration = configuration
    self.root = root
    self.host = host
  }

  /// The folder for what the stages write.
  var work: String { "\(root)/.build/access-audit/preflight" }

  /// The arguments that name the package, where the tool does not run in it.
  var isElsewhere: Bool {
    URL(fileURLWithPath: root).standardizedFileURL.path
      != URL(fileURLWithPath: FileManager.default.currentDirectoryPath).standardizedFileURL.path
  }

  /// A path of the configuration, which is relative to the package.
  func path(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }

  /// Goes through the stages.
  ///
  /// - Throws: what the host throws: a signal has ended the tool, or the machine fails.
  package mutating func run() throws -> PreflightResult {
    try prepare()
    var result = PreflightResult(name: URL(fileURLWithPath: root).lastPathComponent, stages: [])
    var failed: Stage?
    for (index, stage) in configuration.stages.enumerated() {
      if let failed, !continues {
        let check = Check(stage.rawValue, .skipped, "not run: \(failed.rawValue) has failed")
        result.stages.append(StageResult(stage, checks: [check], command: command(of: stage)))
        continue
      }
      host.say("\(index + 1)/\(configuration.stages.count) \(stage.rawValue): \(stage.question)")
      let start = ContinuousClock.now
      var outcome = StageResult(stage, checks: try checks(of: stage), command: command(of: stage))
      let duration = ContinuousClock.now - start
      outcome.seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
      host.say(
        "\(stage.rawValue): \(outcome.verdict.rawValue) after \(TextChecklist.time(outcome.seconds)): \(outcome.summary)"
      )
      if outcome.verdict == .failed { failed = failed ?? stage }
      result.stages.append(outcome)
    }
    return result
  }

  private mutating func checks(of stage: Stage) throws -> [Check] {
    switch stage {
    case .sources:
      let (checks, report) = try checkSources()
      scan = report
      return checks
    case .build: return try checkBuild()
    case .tests: return try checkTests()
    case .canary: return try checkCanary()
    case .observability: return try checkObservability()
    }
  }

  /// The folder is made anew, so that no report of an earlier run counts.
  private func prepare() throws {
    let manager = FileManager.default
    if manager.fileExists(atPath: work) { try manager.removeItem(atPath: work) }
    try manager.createDirectory(
      atPath: work, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let ignored = "\(root)/.build/access-audit/.gitignore"
    if !manager.fileExists(atPath: ignored) { try Data("*\n".utf8).write(to: URL(fileURLWithPath: ignored)) }
  }

  /// The one command that does the same as a stage.
  package func command(of stage: Stage) -> String {
    var words: [String]
    switch stage {
    case .sources: words = sourcesCommand
    case .build where configuration.build.products.isEmpty: return within(buildCommand)
    case .tests: return within(testsCommand(isReproduction: true))
    case .build, .canary, .observability: words = ["access-audit", "preflight", "--stage", stage.rawValue]
    }
    if words[1] == "preflight" {
      if let configurationPath { words += ["--config", configurationPath] }
      if isElsewhere { words += ["--package-path", root] }
      return Command(words).text
    }
    return within(Command(words))
  }

  /// The command as one types it where the tool runs.
  private func within(_ command: Command) -> String {
    isElsewhere ? "(cd \(Command.quoted(root)) && \(command.text))" : command.text
  }

  /// What would run, stage by stage.
  package func explanation() -> String {
    var lines: [String] = []
    for (index, stage) in configuration.stages.enumerated() {
      lines.append("\(index + 1). \(stage.rawValue): \(stage.question) A failure ends with status \(stage.exitStatus).")
      lines += steps(of: stage).map { "     \($0)" }
      lines.append("     again: \(command(of: stage))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func steps(of stage: Stage) -> [String] {
    switch stage {
    case .sources: sourcesSteps
    case .build: buildSteps
    case .tests: testsSteps
    case .canary: canarySteps
    case .observability: observabilitySteps
    }
  }
}

#endif
