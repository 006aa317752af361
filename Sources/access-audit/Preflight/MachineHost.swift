// SPDX-License-Identifier: Apache-2.0
//
// The machine as the release checklist sees it: programs are started in the package's folder, and
// no program is given the variables with secrets.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import CProcessSupport
import Foundation
import Glibc

struct MachineHost: PreflightHost {
  /// The package's folder.
  var root: String
  /// Variables that no program inherits.
  var secretVariables: [String]

  private func environment(_ command: Command) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    for name in secretVariables { environment[name] = nil }
    return environment.merging(command.environment) { _, new in new }
  }

  private func arguments(_ command: Command) -> [String] {
    guard command.arguments.first == "access-audit" else { return command.arguments }
    return [Self.tool] + command.arguments.dropFirst()
  }

  /// The running tool's file.
  static var tool: String { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path }

  func finds(_ program: String) -> Bool {
    if program == "access-audit" { return true }
    if program.contains("/") { return access(program.hasPrefix("/") ? program : "\(root)/\(program)", X_OK) == 0 }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains { access("\($0)/\(program)", X_OK) == 0 }
  }

  func run(_ command: Command, _ output: (ArraySlice<UInt8>) -> Void) throws -> Int32 {
    let program = PipedProgram(arguments: arguments(command), environment: environment(command), folder: root)
    return try program.run(output).exitStatus
  }

  func start(_ command: Command, log: String) throws -> any RunningProgram {
    // What the program leaves behind can then be waited for.
    _ = process_adopt_orphans()
    return try BackgroundProgram(arguments(command), environment(command), folder: root, log: log)
  }

  func send(_ request: HTTPRequest) -> Result<HTTPReply, HTTPFailure> { WebRequest.send(request) }

  func pause(_ seconds: Double) throws {
    usleep(UInt32(seconds * 1e6))
    try Interruption.check()
  }

  func say(_ line: String) { ToolError.say(line) }
}

/// A program in a process group of its own, whose output goes to a file.
final class BackgroundProgram: RunningProgram {
  private let process: pid_t
  private var status: Int32?

  init(_ arguments: [String], _ environment: [String: String], folder: String, log: String) throws {
    process = try ChildProgram.spawnInGroup(arguments, environment, folder: folder) { actions in
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
    Interruption.endAlso(process)
  }

  func ended() -> Int32? {
    _ = reap()
    return status
  }

  /// Whether a process of the group is left.
  private func reap() -> Bool {
    var ended: Int32 = 0
    while true {
      let found = waitpid(-process, &ended, WNOHANG)
      if found == process { status = ProgramStatus(waitStatus: ended).exitStatus }
      if found == 0 { return true }
      if found < 0, errno != EINTR { return false }
    }
  }

  func stop(within seconds: Double) throws -> (status: Int32, wasKilled: Bool) {
    defer { Interruption.endAlso(0) }
    kill(-process, SIGTERM)
    let deadline = ContinuousClock.now + .seconds(seconds)
    while reap() {
      guard ContinuousClock.now < deadline else {
        kill(-process, SIGKILL)
        while reap() { usleep(5_000) }
        return (status ?? 137, true)
      }
      usleep(5_000)
    }
    return (status ?? 0, false)
  }
}
#endif
