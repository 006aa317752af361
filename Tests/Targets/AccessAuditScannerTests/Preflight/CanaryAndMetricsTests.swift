// SPDX-License-Identifier: Apache-2.0
//
// The stages that look at a running program: its end, its reports, its metrics, and the rules for
// them. No program is run.

#if Scanner && canImport(Glibc)
@testable import AccessAuditPreflight
import Foundation
import Testing

@Suite struct CanaryAndMetricsTests {
  private let directory: TemporaryDirectory
  private let host = FakeHost()
  private static let address = "http://127.0.0.1:9/metrics"
  private static let page = """
    # HELP access_audit_violations_total Overlapping accesses seen.
    # TYPE access_audit_violations_total counter
    access_audit_violations_total{kind="concurrent-writes"} 0
    access_audit_accesses_total{access="read"} 12
    access_audit_records_lost_total 0
    access_audit_detector_lag_seconds 0.01
    requests_total{path="/a\\"b,}",code="200"} 1e3 1700000000000

    """

  init() throws { directory = try TemporaryDirectory() }

  private func canary(_ change: (inout PreflightConfiguration.Canary) -> Void = { _ in }) throws -> StageResult {
    try preflight(directory, host, stages: [.canary]) {
      var canary = PreflightConfiguration.Canary(program: ["shop"])
      change(&canary)
      $0.canary = canary
    }.stages[0]
  }

  /// The program leaves what audited processes leave.
  private func leaveSummary() {
    host.program.effect = { command in
      let folder = try #require(command.environment["ACCESS_AUDIT"]?.firstMatch(of: /exit_summary='([^']+)'/)).output.1
      try Data(#"{"accesses": 9, "collections": 1, "threads": 2, "suspects": 0, "isLowerBound": false}"#.utf8 + [10])
        .write(to: URL(fileURLWithPath: String(folder)))
    }
  }

  @Test func canary_passes() throws {
    leaveSummary()
    let stage = try canary { $0.load = ["load", "100"] }
    #expect(stage.verdict == .passed, "\(stage)")
    #expect(stage.lines.contains("passed 9 accesses to 1 collection by 2 threads"))
    #expect(host.commands.map(\.arguments) == [["shop"], ["load", "100"]] && host.program.stops == 1)
    #expect(host.commands[0].environment["ACCESS_AUDIT"]?.hasPrefix("on on_violation=report ") ?? false)
  }

  @Test func canary_isSkippedWhereNoneIsConfigured() throws {
    let result = try preflight(directory, host, stages: [.canary, .observability])
    #expect(result.isReady && result.stages.allSatisfy { $0.verdict == .skipped })
  }

  @Test func canary_failsWhenItsProgramDoes() throws {
    host.program.early = 1
    host.program.output = "Fatal error: port in use\n"
    #expect(try canary().summary.contains("ended by itself with status 1:\nFatal error: port in use"))
    host.program.early = nil
    leaveSummary()
    host.program.status = 139
    #expect(try canary().failed.map(\.name) == ["end"])
    host.program.wasKilled = true
    #expect(try canary().summary.contains("did not end within 20 s of SIGTERM"))
    host.program.wasKilled = false
    host.program.status = 0
    host.answers["load"] = FakeHost.Answer(status: 2, output: "no reply\n")
    let stage = try canary { $0.load = ["load"] }
    #expect(stage.failed.map(\.name) == ["load"] && stage.next == "load")
    #expect(stage.command.hasPrefix("access-audit preflight --stage canary --package-path "))
    let unready = try canary {
      $0.ready = "http://127.0.0.1:9/ready"
      $0.readySeconds = 0
    }
    #expect(unready.failed.map(\.name) == ["ready"])
    host.program.effect = { _ in }
    #expect(try canary().failed.map(\.name) == ["audited"])
    host.missing = ["shop"]
    #expect(try canary().failed.map(\.name) == ["start"])
  }

  @Test func canary_failsOnARace() throws {
    let reports = try Data(contentsOf: URL(fileURLWithPath: StageTests.race))
    host.program.effect = { command in
      let prefix = try #require(command.environment["ACCESS_AUDIT"]?.firstMatch(of: /log_path='([^']+)'/)).output.1
      try reports.write(to: URL(fileURLWithPath: "\(prefix).1.1.json"))
    }
    host.program.status = 66
    let stage = try canary()
    #expect(stage.verdict == .failed && stage.failed.allSatisfy { $0.name == "race" } && stage.stage.exitStatus == 14)
  }

  private func observe(_ change: (inout PreflightConfiguration.Observability) -> Void) throws -> StageResult {
    try preflight(directory, host, stages: [.observability]) {
      var observability = PreflightConfiguration.Observability()
      change(&observability)
      $0.observability = observability
    }.stages[0]
  }

  @Test func metrics_mustHaveTheirSeries() throws {
    host.replies[Self.address] = .success(HTTPReply(status: 200, body: Self.page))
    let passed = try observe {
      $0.metrics = Self.address
      $0.series = [#"requests_total{code="200"}"#]
    }
    #expect(passed.verdict == .passed && passed.summary.contains("answers with 5 series"), "\(passed)")
    let missing = try observe {
      $0.metrics = Self.address
      $0.series = [#"requests_total{code="500"}"#, "up"]
    }
    #expect(
      missing.failed.map(\.detail) == [
        #"\#(Self.address) has no series requests_total{code="500"}"#, "\(Self.address) has no series up",
      ])
    host.replies[Self.address] = .success(HTTPReply(status: 200, body: "up 1\n"))
    #expect(try observe { $0.metrics = Self.address }.failed.count == 4)
    #expect(
      try observe {
        $0.metrics = Self.address
        $0.requiresAudit = false
      }.verdict == .passed)
  }

  @Test func metrics_mustAnswer() throws {
    #expect(try observe { $0.metrics = Self.address }.summary.contains("does not answer: the connection is refused"))
    host.replies[Self.address] = .success(HTTPReply(status: 404, body: ""))
    #expect(try observe { $0.metrics = Self.address }.summary.contains("status 404"))
    host.replies[Self.address] = .success(HTTPReply(status: 200, body: "<html>\n"))
    #expect(try observe { $0.metrics = Self.address }.summary.contains("no series"))
    host.replies[Self.address] = .success(HTTPReply(status: 200, body: Self.page + "up one\n"))
    #expect(try observe { $0.metrics = Self.address }.summary.contains("line 8 of"))
  }

  /// The program is gone when the stage is reached: what it said before counts.
  @Test func metrics_areReadWhileTheCanaryRuns() throws {
    leaveSummary()
    host.replies[Self.address] = .success(HTTPReply(status: 200, body: Self.page))
    let result = try preflight(directory, host, stages: [.canary, .observability]) {
      $0.canary = PreflightConfiguration.Canary(program: ["shop"])
      $0.observability = PreflightConfiguration.Observability()
      $0.observability?.metrics = Self.address
    }
    #expect(result.isReady && host.requests.count == 1, "\(result)")
  }

  @Test func rules_areCheckedByTheirOwnPrograms() throws {
    host.answers["promtool test"] = FakeHost.Answer(status: 1, output: "  FAILED:\n    alertname: A\n")
    let stage = try observe {
      $0.rules = ["alerts.yml"]
      $0.ruleTests = ["alerts_test.yml"]
      $0.alertmanagerConfiguration = "alertmanager.yml"
    }
    #expect(
      host.commands.map(\.text) == [
        "promtool check rules alerts.yml", "promtool test rules alerts_test.yml",
        "amtool check-config alertmanager.yml",
      ])
    #expect(stage.failed.count == 1 && stage.stage.exitStatus == 15)
    #expect(stage.next == "(cd \(directory.path) && promtool test rules alerts_test.yml)")
    host.missing = ["promtool"]
    #expect(try observe { $0.rules = ["a.yml"] }.next == "install it: apt-get install prometheus")
  }

  @Test func series_areReadAsPrometheusDoes() {
    let page = Exposition("a 1\n b{x=\"1\", } +Inf\nc{d=\"\\n\\\\\"} NaN 5 # {e=\"f\"} 1\n{x=\"1\"} 2\n1a 2\n")
    #expect(page.series.map(\.name) == ["a", "b", "c"] && page.series[2].labels == ["d": "\n\\"])
    #expect(page.firstBadLine == 4)
    #expect(SeriesPattern("a{b=\"c\"}")?.labels == ["b": "c"])
    for text in ["", "a b", "a{", "a{b}", "a{b=c}", "{a=\"b\"}"] { #expect(SeriesPattern(text) == nil) }
  }
}
#endif
