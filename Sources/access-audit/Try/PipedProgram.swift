// SPDX-License-Identifier: Apache-2.0
//
// Runs a program in a process group of its own and reads what it prints. A signal that ends the
// tool ends the whole group first.

#if Scanner && canImport(Glibc)
import ArgumentParser
import CProcessSupport
import Foundation
import Glibc

/// The signal that asked the tool to end, and the programs that have to end before it.
enum Interruption {
  /// Read and written by signal handlers.
  nonisolated(unsafe) private static var group: pid_t = 0
  nonisolated(unsafe) private static var background: pid_t = 0
  nonisolated(unsafe) private static var number: Int32 = 0

  /// Handles the signals that end programs, from here on.
  static func prepare() {
    // So that what a build leaves behind can be found.
    _ = process_adopt_orphans()
    for signal in [SIGINT, SIGTERM, SIGHUP] {
      Glibc.signal(signal) { number in
        let again = Interruption.number != 0
        Interruption.number = number
        if Interruption.background > 0 { kill(-Interruption.background, again ? SIGKILL : SIGTERM) }
        guard Interruption.group > 0 else { _exit(128 + number) }
        kill(-Interruption.group, again ? SIGKILL : number)
      }
    }
    // A reader that goes away is no reason to leave a build running.
    Glibc.signal(SIGPIPE, SIG_IGN)
  }

  static var isAsked: Bool { number != 0 }

  /// The group that signals are passed on to; 0 for none.
  static func pass(to group: pid_t) { Self.group = group }

  /// The group of a program that runs beside others, which also has to end; 0 for none.
  static func endAlso(_ group: pid_t) { background = group }

  /// Ends what the programs have started and left. A compiler is in a group of its own, and may
  /// outlive the build that it belongs to.
  static func endDescendants() {
    for _ in 0..<200 {
      let left = descendants()
      if left.isEmpty { return }
      for process in left { kill(process, SIGKILL) }
      var status: Int32 = 0
      while waitpid(-1, &status, WNOHANG) > 0 {}
      usleep(5000)
    }
  }

  private static func descendants() -> [pid_t] {
    var children: [pid_t: [pid_t]] = [:]
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
      // The state and the parent follow the name, which ends with the last parenthesis.
      guard let process = pid_t(name), let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
      else { continue }
      let fields = text[text.index(after: end)...].split(separator: " ")
      if fields.count > 1, let parent = pid_t(fields[1]) { children[parent, default: []].append(process) }
    }
    var found: [pid_t] = []
    var open = children[getpid()] ?? []
    while let next = open.popLast() {
      found.append(next)
      open += children[next] ?? []
    }
    return found
  }

  /// Ends the tool when a signal has asked for it, as shells have it.
  static func check() throws {
    guard number != 0 else { return }
    ToolError.say("ended by signal \(number) (\(String(cString: strsignal(number)))); the package is as it was")
    throw ToolStatus.signalled(number)
  }
}

struct PipedProgram {
  var arguments: [String]
  var environment: [String: String] = ProcessInfo.processInfo.environment
  var folder: String
  /// Whether the program reads what the tool is given, unless that is a terminal.
  var readsInput = false

  /// How long output is waited for that processes make which outlive the program.
  private static let patience: Int32 = 500

  /// Runs the program to its end.
  ///
  /// - Parameter output: takes the output of both streams, piece by piece.
  func run(_ output: (ArraySlice<UInt8>) throws -> Void) throws -> ProgramStatus {
    try Interruption.check()
    var pipe: [Int32] = [0, 0]
    guard process_pipe(&pipe) == 0 else { throw ToolError.systemFailure("a pipe", errno) }
    let reader = pipe[0]
    defer { close(reader) }
    let child: pid_t
    do {
      defer { close(pipe[1]) }
      child = try start(pipe[1])
    }
    Interruption.pass(to: child)
    defer { Interruption.pass(to: 0) }
    var problem: (any Error)?
    let status = try read(reader, child) { bytes in
      do { try output(bytes) } catch { problem = problem ?? error }
    }
    if Interruption.isAsked {
      kill(-child, SIGKILL)
      Interruption.endDescendants()
    }
    try Interruption.check()
    if let problem { throw problem }
    return status
  }

  /// The program's output as one text, when it has ended.
  func collect() throws -> (status: ProgramStatus, output: String) {
    var bytes: [UInt8] = []
    let status = try run { bytes += $0 }
    return (status, String(decoding: bytes, as: UTF8.self))
  }

  private func read(_ reader: Int32, _ child: pid_t, _ output: (ArraySlice<UInt8>) -> Void) throws -> ProgramStatus {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var status: Int32?
    while true {
      var entry = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
      let ready = poll(&entry, 1, Self.patience)
      if ready > 0 {
        let count = Glibc.read(reader, &buffer, buffer.count)
        if count > 0 { output(buffer[..<count]) }
        if count == 0 { break }
        if count < 0, errno != EINTR, errno != EAGAIN { break }
        continue
      }
      // Nothing came: when the program has ended, nothing more of its own will.
      if ready == 0, status != nil { break }
      var ended: Int32 = 0
      if status == nil, waitpid(child, &ended, WNOHANG) == child { status = ended }
    }
    while status == nil {
      var ended: Int32 = 0
      if waitpid(child, &ended, 0) == child { status = ended } else if errno != EINTR { break }
    }
    return ProgramStatus(waitStatus: status ?? 0)
  }

  private func start(_ writer: Int32) throws -> pid_t {
    try ChildProgram.spawnInGroup(arguments, environment, folder: folder) { actions in
      if !readsInput || isatty(STDIN_FILENO) == 1 {
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      }
      posix_spawn_file_actions_adddup2(&actions, writer, 1)
      posix_spawn_file_actions_adddup2(&actions, writer, 2)
    }
  }
}

extension ToolStatus {
  /// The status of a program that a signal has ended, as shells have it.
  static func signalled(_ number: Int32) -> ExitCode { ExitCode(128 + number) }
}

extension ToolError {
  /// Runs `body`; its errors count as internal ones, unless they are statuses already.
  static func passing<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let status as ExitCode {
      throw status
    } catch {
      say("error: \(error)")
      throw ToolStatus.internalError
    }
  }

  static func systemFailure(_ what: String, _ code: Int32) -> any Error {
    say("error: \(what): \(String(cString: strerror(code)))")
    return ToolStatus.internalError
  }
}
#endif
