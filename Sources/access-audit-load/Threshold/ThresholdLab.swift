// SPDX-License-Identifier: Apache-2.0
//
// Many runs of an unprotected dictionary, each a process of its own, and what they come to.

#if ReportTools && canImport(Glibc)
import AccessTraffic
import ArgumentParser
import CProcessSupport
import Foundation

/// What the runs of one row of the table do.
struct ThresholdCell: Sendable {
  enum Reading: String, CaseIterable, ExpressibleByArgument {
    /// `d[key]`
    case get
    case count
    /// Every element.
    case visit
  }

  enum Writing: String, CaseIterable, ExpressibleByArgument {
    /// `d[key] = value`
    case set
    /// `d[key, default: 0] += 1`
    case update
    /// The removal of a key and its insertion, in turn.
    case replace
  }

  var threads: Int
  var readPercent: Int
  var reading: Reading
  var writing: Writing
  var accesses: Int
  var keys: Int
}

struct ThresholdLab {
  enum Outcome: Equatable {
    /// After so many accesses; `nil`: none was seen.
    case ended(Int?)
    case crashed
    case unfinished
  }

  var secondsPerRun: Double
  var hunts: Bool

  /// Runs one process, for a bounded time.
  func run(_ cell: ThresholdCell, seed: UInt64) throws -> Outcome {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let arguments = [
      program, "threshold-run", "--threads", "\(cell.threads)", "--read-percent", "\(cell.readPercent)", "--reading",
      cell.reading.rawValue, "--writing", cell.writing.rawValue, "--accesses", "\(cell.accesses)", "--keys",
      "\(cell.keys)", "--seed", "\(seed)",
    ]
    var environment = ProcessInfo.processInfo.environment
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["ACCESS_AUDIT"] =
      "on_violation=halt stacks=off exit_summary=off hunt=\(hunts ? "on" : "off") seed=\(max(seed, 1))"
    var ends: [Int32] = [0, 0]
    guard process_pipe(&ends) == 0 else { throw LabError.system("a pipe", errno) }
    defer { close(ends[0]) }
    let child: pid_t
    do {
      defer { close(ends[1]) }
      child = try start(arguments, environment, output: ends[1])
    }
    var text: [UInt8] = []
    let deadline = Date().addingTimeInterval(secondsPerRun)
    var isEnded = false
    var buffer = [UInt8](repeating: 0, count: 256)
    while !isEnded {
      let left = deadline.timeIntervalSinceNow
      if left <= 0 { break }
      var entry = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, Int32(min(left * 1000 + 1, 1000))) > 0 else { continue }
      let count = read(ends[0], &buffer, buffer.count)
      if count > 0, text.count < 1_024 { text += buffer[..<count] }
      isEnded = count == 0
    }
    if !isEnded { kill(child, SIGKILL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    if !isEnded { return .unfinished }
    if let match = String(decoding: text, as: UTF8.self).firstMatch(of: /violation after (\d+)\n/) {
      let accesses = Int(match.1) ?? 0
      return .ended(accesses > 0 ? accesses : nil)
    }
    guard status & 0x7F != 0 else { throw LabError.failure("a run ended with status \(status >> 8) and no answer") }
    return .crashed
  }

  private func start(_ arguments: [String], _ environment: [String: String], output: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in words + variables { free(pointer) } }
    var child = pid_t()
    let error = posix_spawn(&child, arguments[0], &actions, nil, &words, &variables)
    guard error == 0 else { throw LabError.system("'\(arguments[0])'", error) }
    return child
  }

  /// The row of the table.
  static func row(_ cell: ThresholdCell, _ outcomes: [Outcome]) -> LoadReport.Threshold {
    let counted = outcomes.filter { $0 != .unfinished }
    return LoadReport.Threshold(
      threads: cell.threads, readPercent: cell.readPercent, reading: cell.reading.rawValue,
      writing: cell.writing.rawValue,
      violations: steps(cell.accesses).map { step in
        .init(
          accesses: step,
          runs: Proportion(counted.count { isCaught($0, within: step, of: cell.accesses) }, of: counted.count))
      }, crashes: counted.count { $0 == .crashed }, unfinished: outcomes.count - counted.count)
  }

  /// A crash is a failure too; it may have come at the last access.
  static func isCaught(_ outcome: Outcome, within step: Int, of accesses: Int) -> Bool {
    switch outcome {
    case .ended(let number?): number <= step
    case .ended(nil), .unfinished: false
    case .crashed: step == accesses
    }
  }

  /// 100, 1 000 … up to all.
  static func steps(_ accesses: Int) -> [Int] {
    var steps: [Int] = []
    var step = 100
    while step < accesses {
      steps.append(step)
      step *= 10
    }
    return steps + [accesses]
  }

  /// What an article on such dictionaries claims: with eight or more it always fails.
  static let claimedThreads = 8

  static func claims(_ outcomes: [(cell: ThresholdCell, outcomes: [Outcome])]) -> [LoadReport.Claim] {
    let concerned = outcomes.filter { $0.cell.threads >= claimedThreads && $0.cell.readPercent < 100 }
    guard let accesses = concerned.map(\.cell.accesses).max() else { return [] }
    return steps(accesses).map { step in
      var (caught, runs) = (0, 0)
      for (cell, outcomes) in concerned {
        let counted = outcomes.filter { $0 != .unfinished }
        runs += counted.count
        caught += counted.count { isCaught($0, within: step, of: cell.accesses) }
      }
      return .init(
        text: "with \(claimedThreads) or more threads it always fails", accesses: step,
        runs: Proportion(caught, of: runs))
    }
  }
}
#endif
