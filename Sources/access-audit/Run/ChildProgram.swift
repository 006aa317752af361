// SPDX-License-Identifier: Apache-2.0
//
// Runs a program in the foreground: same terminal, same process group, signals passed on.
// Independent of reports.

#if ReportTools && canImport(Glibc)
import CProcessSupport
import Foundation
import Glibc

/// How a program ended.
enum ProgramStatus: CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7F
    self = signal == 0 ? .exited((waitStatus >> 8) & 0xFF) : .signalled(signal)
  }

  /// The exit status in the form that shells use.
  var exitStatus: Int32 {
    switch self {
    case .exited(let status): status
    case .signalled(let signal): 128 + signal
    }
  }

  var description: String {
    switch self {
    case .exited(let status): "the program exited with status \(status)"
    case .signalled(let signal): "signal \(signal) (\(String(cString: strsignal(signal)))) ended the program"
    }
  }
}

struct ChildProgram {
  var arguments: [String]
  var environment: [String: String]

  /// The process that signals are passed on to; read by signal handlers.
  nonisolated(unsafe) private static var child: pid_t = 0

  /// Runs the program to its end, then waits up to `seconds` for the processes that it left
  /// behind.
  func run(waitingForChildren seconds: Double) throws -> ProgramStatus {
    // What the program leaves behind can then be waited for.
    _ = process_adopt_orphans()
    Self.child = try start()
    for signal in [SIGTERM, SIGHUP, SIGUSR1, SIGUSR2] {
      Glibc.signal(signal) { number in kill(ChildProgram.child, number) }
    }
    // The terminal sends these signals to the program as well, which handles them.
    for signal in [SIGINT, SIGQUIT] { Glibc.signal(signal, SIG_IGN) }
    var status: Int32 = 0
    while waitpid(Self.child, &status, 0) < 0 {
      guard errno == EINTR else { throw ToolStatus.internalError }
    }
    let deadline = Date().addingTimeInterval(seconds)
    var rest: Int32 = 0
    while waitpid(-1, &rest, WNOHANG) >= 0, Date() < deadline { usleep(5_000) }
    return ProgramStatus(waitStatus: status)
  }

  private func start() throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    return try Self.spawn(arguments, environment, actions: nil, &attributes)
  }

  /// Starts a program in a process group of its own, so that a signal can end what it starts too;
  /// `open` says where its input and output go.
  static func spawnInGroup(
    _ arguments: [String], _ environment: [String: String], folder: String,
    open: (inout posix_spawn_file_actions_t) -> Void
  ) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
    posix_spawnattr_setpgroup(&attributes, 0)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer {
      posix_spawnattr_destroy(&attributes)
      posix_spawn_file_actions_destroy(&actions)
    }
    open(&actions)
    _ = process_start_in(&actions, folder)
    return try spawn(arguments, environment, actions: &actions, &attributes)
  }

  /// Starts a program that is found as shells find it.
  private static func spawn(
    _ arguments: [String], _ environment: [String: String],
    actions: UnsafePointer<posix_spawn_file_actions_t>?, _ attributes: UnsafePointer<posix_spawnattr_t>
  ) throws -> pid_t {
    var child = pid_t()
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    let error = posix_spawnp(&child, arguments[0], actions, attributes, &words, &variables)
    guard error == 0 else {
      throw ToolError.failure("'\(arguments[0])' cannot be started: \(String(cString: strerror(error)))")
    }
    return child
  }
}
#endif
