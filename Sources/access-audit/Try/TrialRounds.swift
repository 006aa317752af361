// SPDX-License-Identifier: Apache-2.0
//
// Runs an instrumented package's tests, or one of its products, until nothing is open in the plan
// of the hunt. Each round begins with what the ones before have learnt.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import AccessReports
import Foundation

struct TrialRounds {
  var folder: TrialFolder
  /// The copies' paths, as the packages'.
  var paths: [PathMap]
  var limit: Int
  var onViolation: String
  var suppressions: String?
  /// The arguments of the runner that builds nothing.
  var command: [String]
  /// Where the program is started.
  var place: String
  var isTests: Bool
  var log: StageLog

  private var plan: String { "\(folder.run)/plan" }
  private var processes: String { "\(folder.run)/processes" }
  private var reports: String { "\(folder.run)/reports" }

  /// Runs the rounds.
  func run() throws -> TrialResult {
    var result = TrialResult()
    var environment = ProcessInfo.processInfo.environment
    environment["ACCESS_AUDIT"] = try options(environment["ACCESS_AUDIT"])
    for round in 1...limit {
      ToolError.say(
        "round \(round) of at most \(limit): \(isTests ? "the tests run" : "the product runs") under the audit")
      var tally = TestTally()
      let status = try log.measure("round \(round)") { try once(environment, &tally) }
      if result.status.exitStatus == 0 { result.status = status }
      if isTests, result.tests.map({ $0.failed.isEmpty && !tally.failed.isEmpty }) ?? true { result.tests = tally }
      result.rounds = round
      result.plan = (try? String(contentsOfFile: plan, encoding: .utf8)).flatMap { HuntPlan(text: $0) } ?? result.plan
      ToolError.say(
        "round \(round): \(isTests ? tally.description : status.description); \(result.plan.count(.confirmed)) pairs of "
          + "accesses confirmed, \(result.plan.count(.ordered)) ordered, \(result.plan.count(.open)) open")
      if result.plan.count(.open) == 0 { break }
    }
    result.processes = AuditedProcesses(path: processes)
    return result
  }

  /// The reports of all rounds.
  func violations() throws -> [MergedViolation] {
    try ToolError.passing { ViolationMerge.merge(try ReportFile.load(reports)) }
  }

  private func once(_ environment: [String: String], _ tally: inout TestTally) throws -> ProgramStatus {
    let program = PipedProgram(arguments: command, environment: environment, folder: place, readsInput: !isTests)
    var maps = paths
    var seen = tally
    let status = try program.run { bytes in
      var shown = Array(bytes)
      for index in maps.indices { shown = maps[index].map(shown) }
      seen.read(shown)
      FileHandle.standardError.write(Data(shown))
    }
    var rest: [UInt8] = []
    for index in maps.indices { rest = maps[index].map(rest) + maps[index].finish() }
    seen.read(rest + [0x0A])
    FileHandle.standardError.write(Data(rest))
    tally = seen
    return status
  }

  /// The value of ACCESS_AUDIT: what is there already, then this command's, which takes precedence.
  private func options(_ present: String?) throws -> String {
    var fields = present.flatMap { ["", "0", "off"].contains($0) ? nil : [$0] } ?? ["on"]
    fields.append("hunt=30 on_violation=\(onViolation) plan=\(try quoted(plan))")
    if let suppressions { fields.append("suppressions=\(try quoted(suppressions))") }
    fields.append("log_path=\(try quoted(reports + "/report")) log_format=json exit_summary=\(try quoted(processes))")
    return fields.joined(separator: " ")
  }

  private func quoted(_ value: String) throws -> String {
    if !value.contains("'") { return "'\(value)'" }
    if !value.contains("\"") { return "\"\(value)\"" }
    throw ToolError.failure("'\(value)' has both kinds of quotes, which ACCESS_AUDIT cannot hold")
  }
}
#endif
