// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `run`: options, environment, summary. The program itself is started elsewhere.

#if ReportTools && canImport(Glibc)
import AccessReports
import AccessTerms
import AccessAuditReports
import ArgumentParser
import Foundation

/// `access-audit run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a program with auditing on and shows what it reports.",
    discussion: """
      Sets ACCESS_AUDIT, runs the program with the terminal as it is, waits for it and for the processes it leaves behind, \
      then prints the violations of all of them on standard error. What is in ACCESS_AUDIT already stays, as far as no \
      option says otherwise. The program must be built with the audit: in debug, or with the trait AuditInRelease. Of one \
      that is not, this says so before it starts, and does not speak of violations afterwards.

      Exit status: the program's; 128 and the number when a signal ended it, as shells have it (134: a halt report). \
      69 when the program ended with 0 and nothing was audited, 64 when the usage is wrong or the program cannot be \
      started, 70 when the reports cannot be read or written.

      Examples:
        access-audit run -- .build/debug/shop --port 8080
        access-audit run --hunt 5 -- .build/debug/shop --self-test
        access-audit run --on-violation shield --format html --output races.html -- swift test
      """)

  @Option(help: "halt, report or shield: what a violation does to the program.")
  var onViolation: String?

  @Option(help: "The status the program ends with after a violation.")
  var exitcode: Int?

  @Option(help: "A file of known races that are not reported.", completion: .file())
  var suppressions: String?

  @Option(name: .customLong("set"), help: "Another option of ACCESS_AUDIT, as key=value; can be given again.")
  var options: [String] = []

  @Option(help: "Keep the JSON reports in this folder.", completion: .directory)
  var keep: String?

  @Option(help: "Seconds to wait for processes that outlive the program.")
  var waitForChildren: Double = 5

  @Option(help: "Run up to so many times, each run with what the ones before learnt, until nothing is open.")
  var hunt: Int?

  @Option(help: "Keep what hunting learns in this file, and begin with what it knows.", completion: .file())
  var plan: String?

  @Option(help: "Write the pairs that --hunt left open to this file, as JSON.", completion: .file())
  var suspects: String?

  @OptionGroup var output: OutputOptions

  @Argument(parsing: .postTerminator, help: "The program and its arguments, after '--'.")
  var program: [String] = []

  func validate() throws {
    if program.isEmpty { throw ValidationError("Give the program after '--': access-audit run -- PROGRAM ARGUMENT…") }
    for option in options where !option.contains("=") {
      throw ValidationError("--set needs key=value, not '\(option)'.")
    }
    if let hunt, !(1...1_000).contains(hunt) { throw ValidationError("--hunt must be between 1 and 1000.") }
    if suspects != nil, hunt == nil { throw ValidationError("--suspects needs --hunt.") }
    guard waitForChildren >= 0, waitForChildren <= 86_400 else {
      throw ValidationError("--wait-for-children must be between 0 and 86400.")
    }
    if let suppressions, access(suppressions, R_OK) != 0 {
      throw ValidationError("--suppressions: '\(suppressions)' cannot be read.")
    }
    // What the program would warn of, and then not heed.
    for option in ownOptions() {
      if let fault = OptionCheck.fault(of: option.name, value: option.value) {
        throw ValidationError("\(option.flag): \(fault)\(fault.hasSuffix("?") ? "" : ".")")
      }
      _ = try quoted(option.value)
    }
  }

  func run() throws {
    let folder = try reportFolder()
    defer { if keep == nil { try? FileManager.default.removeItem(atPath: folder) } }
    var environment = ProcessInfo.processInfo.environment
    environment["ACCESS_AUDIT"] = try auditOptions(folder: folder, present: environment["ACCESS_AUDIT"])
    let known = try output.loadBaseline()
    let earlier = Set(files(folder))
    let earlierBytes = FileManager.default.contents(atPath: Self.processes(folder))?.count ?? 0
    let file = ProgramFile(named: program[0])
    if let warning = file.warning { ToolError.say("warning: \(warning)") }
    let status = try runProgram(environment, folder: folder)
    let processes = AuditedProcesses(path: Self.processes(folder), skipping: earlierBytes)
    let reports = try ToolError.internalError {
      try files(folder).filter { !earlier.contains($0) }.flatMap { try ReportFile.load("\(folder)/\($0)") }
    }
    let merged = ViolationMerge.merge(reports)
    let counted = known?.split(merged)
    let shown = counted?.new ?? merged
    if !shown.isEmpty || output.output != nil {
      try output.write(shown, known: counted?.known ?? [], toStandardError: true)
    }
    try output.writeBaseline(merged)
    if reports.isEmpty, processes.isEmpty {
      ToolError.say("\(Self.nothing(file, status)); \(status.description)")
      throw status.exitStatus == 0 ? ToolStatus.notAudited : ExitCode(status.exitStatus)
    }
    let pids = Set(reports.map(\.violation.process.pid)).count
    var summary = "\(merged.count) violation\(merged.count == 1 ? "" : "s") in "
    summary += merged.isEmpty ? processes.description : "\(pids) process\(pids == 1 ? "" : "es")"
    if let counted, !counted.known.isEmpty { summary += ", \(counted.known.count) of them in the baseline" }
    ToolError.say("\(summary); \(status.description)")
    if keep != nil, !reports.isEmpty { ToolError.say("the reports are in \(folder)") }
    throw ExitCode(status.exitStatus)
  }

  /// The file that audited processes add to at their end.
  private static func processes(_ folder: String) -> String { "\(folder)/processes" }

  /// What is said where no process has said what it audited, and nothing was reported.
  private static func nothing(_ file: ProgramFile, _ status: ProgramStatus) -> String {
    switch (file.audit, status) {
    case (.absent, _): "nothing was audited: the program holds no audit"
    case (.compiledOut, _): "nothing was audited: auditing is compiled out of the program"
    case (_, .signalled): "no violation was reported until then, and what was audited is not known"
    case (_, .exited): "nothing was audited: no audited access was made, or each process ended by _exit or a signal"
    }
  }

  /// Runs the program once, or as often as `--hunt` says; the first status that is not 0.
  private func runProgram(_ environment: [String: String], folder: String) throws -> ProgramStatus {
    let child = ChildProgram(arguments: program, environment: environment)
    guard let rounds = hunt else { return try child.run(waitingForChildren: waitForChildren) }
    let path = planPath(folder: folder)
    var worst: ProgramStatus?
    var plan = HuntPlan()
    for round in 1...rounds {
      let status = try child.run(waitingForChildren: waitForChildren)
      if worst == nil || worst?.exitStatus == 0 { worst = status }
      plan = (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { HuntPlan(text: $0) } ?? plan
      ToolError.say(
        "run \(round) of at most \(rounds): \(plan.count(.confirmed)) pairs confirmed, "
          + "\(plan.count(.ordered)) ordered, \(plan.count(.open)) open; \(status.description)")
      // One that a signal ended has left no plan.
      if plan.count(.open) == 0, case .exited = status { break }
    }
    HuntSummary.lines(plan).forEach(ToolError.say)
    if let suspects { try ToolError.write(HuntSummary.json(plan), to: suspects) }
    return worst ?? .exited(0)
  }

  private func planPath(folder: String) -> String { plan ?? "\(folder)/plan" }

  /// The names of the reports in the folder, which may hold those of earlier runs.
  private func files(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted()
  }

  private func reportFolder() throws -> String {
    let path =
      keep ?? FileManager.default.temporaryDirectory.appendingPathComponent("access-audit-\(UUID().uuidString)").path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      ToolError.say("error: the folder \(path) cannot be made: \(error)")
      throw ToolStatus.internalError
    }
    return URL(fileURLWithPath: path).standardizedFileURL.path
  }

  /// The value of ACCESS_AUDIT: the present options, then those of this command, which take
  /// precedence.
  private func auditOptions(folder: String, present: String?) throws -> String {
    var fields: [String] = []
    if let present, !["", "0", "off"].contains(present) { fields.append(present) } else { fields.append("on") }
    if hunt != nil {
      fields.append("hunt=30")
      // A program that ends with its first race would never come to the others, and one that
      // crashes of it does not say what it has learnt.
      if onViolation == nil { fields.append("on_violation=shield") }
    }
    if hunt != nil || plan != nil { fields.append("plan=\(try quoted(planPath(folder: folder)))") }
    fields += try ownOptions().map { "\($0.name)=\(try quoted($0.value))" }
    fields.append("log_path=\(try quoted(folder + "/report")) log_format=json")
    fields.append("exit_summary=\(try quoted(Self.processes(folder)))")
    return fields.joined(separator: " ")
  }

  /// An option of ACCESS_AUDIT that was given to this command.
  private struct OwnOption {
    /// How it was given.
    var flag: String
    var name: String
    var value: String
  }

  private func ownOptions() -> [OwnOption] {
    let named = [
      ("--on-violation", "on_violation", onViolation), ("--exitcode", "exitcode", exitcode.map(String.init)),
      ("--suppressions", "suppressions", suppressions),
    ]
    return named.compactMap { flag, name, value in value.map { OwnOption(flag: flag, name: name, value: $0) } }
      + options.map { option in
        let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return OwnOption(flag: "--set", name: parts[0], value: parts[1])
      }
  }

  private func quoted(_ value: String) throws -> String {
    if !value.contains("'") { return "'\(value)'" }
    if !value.contains("\"") { return "\"\(value)\"" }
    throw ToolError.failure("'\(value)' has both kinds of quotes, which ACCESS_AUDIT cannot hold")
  }
}
#endif
