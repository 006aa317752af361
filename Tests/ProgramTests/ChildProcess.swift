// SPDX-License-Identifier: Apache-2.0
//
// A child process by posix_spawn and waitpid. Foundation's Process counts a child as running while
// any process, a grandchild for instance, holds a descriptor that it inherited; these children
// fork.

import Foundation

enum ChildProcess {
  struct Status {
    var code: Int32
    /// The signal that ended it; `nil` when it exited.
    var signal: Int32?
  }

  struct SpawnFailed: Error { var reason: String }

  /// Runs a command with its output in files; kills it when the time has run out.
  static func run(
    _ command: [String], environment: [String: String], output: String, errors: String, seconds: Double
  ) throws -> Status {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A test runner may block signals on the thread that runs this.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let arguments = command.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + variables).forEach { free($0) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, command[0], &actions, &attributes, arguments, variables)
    guard failure == 0 else { throw SpawnFailed(reason: "\(command[0]): \(String(cString: strerror(failure)))") }
    return wait(for: child, seconds: seconds)
  }

  private static func wait(for child: pid_t, seconds: Double) -> Status {
    let deadline = Date().addingTimeInterval(seconds)
    var status: Int32 = 0
    while waitpid(child, &status, WNOHANG) != child {
      if Date() > deadline { kill(child, SIGKILL) }
      usleep(1_000)
    }
    let signal = status & 0x7F
    return Status(code: (status >> 8) & 0xFF, signal: signal == 0 ? nil : signal)
  }
}
