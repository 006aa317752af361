// SPDX-License-Identifier: Apache-2.0
//
// The fourth stage: the program is started under the audit, put under load, stopped, and its
// reports are read. It is stopped whatever happens.

#if Scanner && canImport(Glibc)

internal import AccessAuditReports
internal import Foundation

extension Preflight {
  private var canaryFolder: String { "\(work)/canary" }

  private func canaryCommand(_ canary: PreflightConfiguration.Canary) -> Command {
    var environment = canary.environment
    let folder = canaryFolder
    environment["ACCESS_AUDIT"] =
      "on on_violation=report \(canary.options.isEmpty ? "" : canary.options + " ")"
      + "log_path='\(folder)/report' log_format=json exit_summary='\(folder)/processes'"
    return Command(canary.program, environment: environment)
  }

  var canarySteps: [String] {
    guard let canary = configuration.canary else { return ["not configured: passed over"] }
    return ["starts: \(canaryCommand(canary).text)"]
      + (canary.ready.map { ["waits until \($0) answers, at most \(TextChecklist.time(canary.readySeconds))"] } ?? [])
      + (canary.load.isEmpty ? [] : ["runs: \(Command(canary.load).text)"])
      + (observedAddress.map { ["reads \($0)"] } ?? [])
      + ["stops the program with SIGTERM, and reads its reports"]
  }

  /// The metrics are read while the canary runs, for the stage after it.
  private var observedAddress: String? {
    configuration.stages.contains(.observability) ? configuration.observability?.metrics : nil
  }

  mutating func checkCanary() throws -> [Check] {
    guard let canary = configuration.canary else {
      return [Check("canary", .skipped, "not configured: preflight: canary: program")]
    }
    guard host.finds(canary.program[0]) else {
      return [
        Check(
          "start", .failed, "'\(canary.program[0])' is not found",
          next: "build it, or correct preflight: canary: program")
      ]
    }
    try FileManager.default.createDirectory(
      atPath: canaryFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let log = "\(canaryFolder)/output.txt"
    let program = try host.start(canaryCommand(canary), log: log)
    var checks: [Check] = []
    do {
      checks = try drive(program, canary)
    } catch {
      _ = try? program.stop(within: 2)
      throw error
    }
    let early = program.ended()
    let end = try program.stop(within: canary.stopSeconds)
    return checks + outcome(canary, early: early, end: end, log: log)
  }

  /// Waits until the program is ready, runs the load, and reads the metrics.
  private mutating func drive(
    _ program: any RunningProgram, _ canary: PreflightConfiguration.Canary
  ) throws -> [Check] {
    guard try isReady(program, canary) else {
      if program.ended() != nil { return [] }
      return [
        Check(
          "ready", .failed,
          "\(canary.ready ?? "the program") did not answer within \(TextChecklist.time(canary.readySeconds))",
          next: "look at the program's output, or give it more time: preflight: canary: ready-seconds")
      ]
    }
    var checks: [Check] = []
    if !canary.load.isEmpty {
      let command = Command(canary.load)
      host.say("canary: \(command.text)")
      let (status, output) = try host.collect(command)
      if status != 0 {
        let lines = output.split(whereSeparator: \.isNewline).suffix(5).joined(separator: "\n")
        checks.append(Check("load", .failed, "the load ended with status \(status):\n\(lines)", next: command.text))
      } else {
        checks.append(Check("load", .passed, "the load ended with status 0"))
      }
    }
    if let address = observedAddress, case .success(let reply) = host.send(HTTPRequest("GET", address)),
      reply.status == 200
    {
      metricsOfCanary = reply.body
    }
    return checks
  }

  private func isReady(_ program: any RunningProgram, _ canary: PreflightConfiguration.Canary) throws -> Bool {
    guard let address = canary.ready else {
      // Without an address, the load command has to wait for the program.
      return program.ended() == nil
    }
    let deadline = ContinuousClock.now + .seconds(canary.readySeconds)
    repeat {
      if program.ended() != nil { return false }
      if case .success(let reply) = host.send(HTTPRequest("GET", address)), reply.status < 400 { return true }
      try host.pause(0.1)
    } while ContinuousClock.now < deadline
    return false
  }

  /// The program's end, and its reports.
  private func outcome(
    _ canary: PreflightConfiguration.Canary, early: Int32?, end: (status: Int32, wasKilled: Bool), log: String
  ) -> [Check] {
    var checks: [Check] = []
    let terminated: Int32 = 128 + 15
    let raced: Int32 = 66
    if let early {
      checks.append(
        Check(
          "end", .failed, "the program ended by itself with status \(early):\n\(Self.lastLines(log))",
          next: "a canary runs until it is told to end; its output is in \(log)"))
    } else if end.wasKilled {
      checks.append(
        Check(
          "end", .failed,
          "the program did not end within \(TextChecklist.time(canary.stopSeconds)) of SIGTERM and was killed",
          next: "handle SIGTERM, or give it more time: preflight: canary: stop-seconds"))
    } else if ![0, terminated, raced].contains(end.status) {
      checks.append(
        Check(
          "end", .failed, "the program ended with status \(end.status) after SIGTERM:\n\(Self.lastLines(log))",
          next: "its output is in \(log)"))
    }
    let races: [MergedViolation]
    do {
      races = ViolationMerge.merge(try ReportFile.load(canaryFolder))
    } catch {
      return checks + [Check("reports", .failed, "\(error)", next: "look at \(canaryFolder)")]
    }
    let processes = AuditedProcesses(path: "\(canaryFolder)/processes")
    if processes.isEmpty, races.isEmpty {
      checks.append(
        Check(
          "audited", .failed, "nothing was audited, or the program ended by _exit or an unhandled signal",
          next:
            "build it with the audit (access-audit diagnostics PROGRAM), and let it handle SIGTERM and return from main"
        ))
    } else {
      checks.append(
        Check("audited", .passed, processes.isEmpty ? "the program was audited" : processes.description))
    }
    let known = RaceChecks(root: root, baseline: canary.baseline, suppressions: canary.suppressions)
    // Another load may come to what this one did not: an entry that matches nothing is no fault.
    return known.checks(of: races, isComplete: false) + checks
  }

  private static func lastLines(_ path: String) -> String {
    var tail = Tail()
    tail.read(FileManager.default.contents(atPath: path) ?? Data())
    return tail.text
  }
}

#endif
