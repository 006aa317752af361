// SPDX-License-Identifier: Apache-2.0
//
// A machine for tests of the release checklist: programs and addresses answer what a test says,
// and what was asked of it is kept. Nothing is run.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import Foundation

final class FakeHost: PreflightHost {
  struct Answer {
    var status: Int32 = 0
    var output = ""
    /// What the program would have done beside printing.
    var effect: (Command) throws -> Void = { _ in }
  }

  /// Answers by the first words of commands; the longest that fits counts.
  var answers: [String: Answer] = [:]
  var replies: [String: Result<HTTPReply, HTTPFailure>] = [:]
  var missing: Set<String> = []
  var program = FakeProgram()
  private(set) var commands: [Command] = []
  private(set) var requests: [HTTPRequest] = []
  private(set) var said: [String] = []

  func finds(_ program: String) -> Bool { !missing.contains(program) }

  func run(_ command: Command, _ output: (ArraySlice<UInt8>) -> Void) throws -> Int32 {
    commands.append(command)
    let text = command.arguments.joined(separator: " ")
    let best = answers.filter { text.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }?.value ?? Answer()
    try best.effect(command)
    output(Array(best.output.utf8)[...])
    return best.status
  }

  func start(_ command: Command, log: String) throws -> any RunningProgram {
    commands.append(command)
    try Data(program.output.utf8).write(to: URL(fileURLWithPath: log))
    try program.effect(command)
    return program
  }

  func send(_ request: HTTPRequest) -> Result<HTTPReply, HTTPFailure> {
    requests.append(request)
    return replies[request.url] ?? .failure(HTTPFailure("the connection is refused"))
  }

  func pause(_ seconds: Double) throws {}
  func say(_ line: String) { said.append(line) }
}

final class FakeProgram: RunningProgram {
  var early: Int32?
  var status: Int32 = 143
  var wasKilled = false
  var output = ""
  var effect: (Command) throws -> Void = { _ in }
  private(set) var stops = 0

  func ended() -> Int32? { early }

  func stop(within seconds: Double) throws -> (status: Int32, wasKilled: Bool) {
    stops += 1
    return (early ?? status, wasKilled)
  }
}

/// A package's folder for a checklist, and the checklist itself.
func preflight(
  _ directory: TemporaryDirectory, _ host: FakeHost, stages: [Stage] = Stage.allCases,
  _ change: (inout PreflightConfiguration) -> Void = { _ in }
) throws -> PreflightResult {
  var configuration = PreflightConfiguration()
  configuration.stages = stages
  change(&configuration)
  var preflight = Preflight(configuration, root: directory.path, host: host)
  return try preflight.run()
}

extension StageResult {
  /// The outcome and the detail of each check.
  var lines: [String] { checks.map { "\($0.outcome.rawValue) \($0.detail)" } }
}
#endif
