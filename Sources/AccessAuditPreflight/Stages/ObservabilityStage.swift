// SPDX-License-Identifier: Apache-2.0
//
// The fifth stage: the metrics are there, and the alert rules and the Alertmanager's configuration
// are valid.

#if Scanner && canImport(Glibc)

internal import Foundation

extension Preflight {
  /// The series that each form of the audit's metrics has.
  static let auditSeries = [
    "access_audit_violations_total", "access_audit_accesses_total", "access_audit_records_lost_total",
    "access_audit_detector_lag_seconds",
  ]

  private var observabilityCommands: [(name: String, command: Command, package: String)] {
    guard let observability = configuration.observability else { return [] }
    var commands: [(String, Command, String)] = []
    if !observability.rules.isEmpty {
      commands.append(("alert rules", Command(["promtool", "check", "rules"] + observability.rules), "prometheus"))
    }
    if !observability.ruleTests.isEmpty {
      commands.append(
        ("tests of the rules", Command(["promtool", "test", "rules"] + observability.ruleTests), "prometheus"))
    }
    if let file = observability.alertmanagerConfiguration {
      commands.append(("Alertmanager", Command(["amtool", "check-config", file]), "prometheus-alertmanager"))
    }
    return commands
  }

  private var requiredSeries: [String] {
    guard let observability = configuration.observability else { return [] }
    return (observability.requiresAudit ? Self.auditSeries : []) + observability.series
  }

  var observabilitySteps: [String] {
    guard let observability = configuration.observability else { return ["not configured: passed over"] }
    return
      (observability.metrics.map { ["reads \($0), which must have: \(requiredSeries.joined(separator: ", "))"] } ?? [])
      + observabilityCommands.map { "runs: \($0.command.text)" }
  }

  func checkObservability() throws -> [Check] {
    guard let observability = configuration.observability else {
      return [Check("observability", .skipped, "not configured: preflight: observability")]
    }
    var checks: [Check] = []
    if let address = observability.metrics { checks += checkMetrics(address) }
    for (name, command, package) in observabilityCommands {
      let program = command.arguments[0]
      guard host.finds(program) else {
        checks.append(
          Check(name, .failed, "'\(program)' is not found", next: "install it: apt-get install \(package)"))
        continue
      }
      host.say("observability: \(command.text)")
      let (status, output) = try host.collect(command)
      guard status != 0 else {
        checks.append(Check(name, .passed, "\(command.text) succeeds"))
        continue
      }
      let lines = output.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
      checks.append(
        Check(
          name, .failed, "\(command.text) ends with status \(status):\n" + lines.suffix(8).joined(separator: "\n"),
          next: isElsewhere ? "(cd \(Command.quoted(root)) && \(command.text))" : command.text))
    }
    return checks.isEmpty
      ? [Check("observability", .skipped, "nothing is configured to be checked")] : checks
  }

  private func checkMetrics(_ address: String) -> [Check] {
    let text: String
    if let metricsOfCanary {
      text = metricsOfCanary
    } else {
      switch host.send(HTTPRequest("GET", address)) {
      case .success(let reply) where reply.status == 200: text = reply.body
      case .success(let reply):
        return [
          Check(
            "metrics", .failed, "\(address) answers with status \(reply.status)",
            next: "curl -i \(Command.quoted(address))")
        ]
      case .failure(let failure):
        return [
          Check(
            "metrics", .failed, "\(address) does not answer: \(failure)",
            next: "start the program, or let the stage canary do it: preflight: canary")
        ]
      }
    }
    let exposition = Exposition(text)
    if exposition.series.isEmpty {
      return [
        Check("metrics", .failed, "\(address) answers with no series", next: "curl -s \(Command.quoted(address))")
      ]
    }
    var checks: [Check] = []
    if let line = exposition.firstBadLine {
      checks.append(
        Check(
          "metrics", .failed, "line \(line) of \(address) is no series, which makes Prometheus drop all of them",
          next: "curl -s \(Command.quoted(address)) | promtool check metrics"))
    }
    let missing = requiredSeries.filter { text in SeriesPattern(text).map { !exposition.contains($0) } ?? true }
    checks += missing.map { series in
      let isAudits = Self.auditSeries.contains(series)
      return Check(
        "series", .failed, "\(address) has no series \(series)",
        next: isAudits
          ? "serve AccessAudit.totals().prometheusText, or use the trait Metrics"
          : "curl -s \(Command.quoted(address)) | grep \(Command.quoted(SeriesPattern(series)?.name ?? series))")
    }
    if checks.isEmpty {
      checks.append(
        Check(
          "metrics", .passed, "\(address) answers with \(exposition.series.count) series, the required ones among them")
      )
    }
    return checks
  }
}

#endif
