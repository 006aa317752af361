// SPDX-License-Identifier: Apache-2.0
//
// Silences, notifications and the hook of git: the built tool against a server on loopback and a
// repository of its own. Nothing happens unasked, and no secret is shown.

#if Scanner && canImport(Glibc)
import Foundation
import Testing

@Suite(.serialized) struct ConsequenceTests {
  private static let id = "0b4f7b3e-8d6c-4a26-9a55-0d5bb1cf1c01"
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("let one = 1\n", "Sources/M/A.swift")
  }

  private func configure(_ port: UInt16) throws {
    try directory.write(
      """
      include: [Sources]
      preflight:
        stages: [sources]
        consequences:
          silence: {alertmanager: 'http://127.0.0.1:\(port)/', matchers: [job=shop, 'alertname=~AccessAudit.*'], minutes: 15}
          pagerduty: {url: 'http://127.0.0.1:\(port)/v2/enqueue', severity: critical, source: ci}

      """, ".access-audit.yml")
  }

  private func server() throws -> StubServer {
    try StubServer { request in
      switch request.path {
      case "/api/v2/silences": (200, "Content-Type: application/json\r\n", #"{"silenceID": "\#(Self.id)"}"#)
      case "/v2/enqueue": (202, "", #"{"status": "success"}"#)
      case "/api/v2/silence/\(Self.id)": (200, "", "")
      default: (404, "", "")
      }
    }
  }

  private struct Silence: Decodable {
    struct Matcher: Decodable, Equatable {
      var name: String
      var value: String
      var isRegex: Bool
      var isEqual: Bool
    }
    var matchers: [Matcher]
    var startsAt: Date
    var endsAt: Date
  }

  @Test func silence_isMadeAndLifted() throws {
    let server = try server()
    defer { server.stop() }
    try configure(server.port)
    let secrets = ["ALERTMANAGER_TOKEN": "t0ken-of-test"]
    #expect(try runTool(["preflight"], in: directory.path).status == 0)
    #expect(server.requests.isEmpty)
    let made = try runTool(["preflight", "--silence"], in: directory.path, environment: secrets)
    #expect(made.status == 0 && made.errors.contains("made the silence \(Self.id)"), "\(made)")
    let request = try #require(server.requests.first)
    #expect(request.method == "POST" && request.headers["authorization"] == "Bearer t0ken-of-test")
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    let silence = try decoder.decode(Silence.self, from: Data(request.body.utf8))
    #expect(
      silence.matchers == [
        Silence.Matcher(name: "job", value: "shop", isRegex: false, isEqual: true),
        Silence.Matcher(name: "alertname", value: "AccessAudit.*", isRegex: true, isEqual: true),
      ])
    #expect(silence.endsAt.timeIntervalSince(silence.startsAt) == 900)
    let lifted = try runTool(["preflight", "--lift-silence"], in: directory.path, environment: secrets)
    #expect(lifted.status == 0 && lifted.output == "lifted the silence \(Self.id)\n", "\(lifted)")
    #expect(server.requests.last?.method == "DELETE" && server.requests.last?.path == "/api/v2/silence/\(Self.id)")
    #expect(try runTool(["preflight", "--lift-silence"], in: directory.path).status == 64)
    for run in [made, lifted] { #expect(!(run.output + run.errors).contains("t0ken-of-test")) }
  }

  /// Alerts are not silenced for a release that does not come.
  @Test func silence_isNotMadeAfterAFailure() throws {
    let server = try server()
    defer { server.stop() }
    try configure(server.port)
    try directory.write(ToolTests.racy, "Sources/M/B.swift")
    #expect(try runTool(["preflight", "--silence"], in: directory.path).status == 11)
    #expect(server.requests.isEmpty)
  }

  @Test func webhook_isNotifiedOfFailuresAndResolved() throws {
    let server = try server()
    defer { server.stop() }
    try configure(server.port)
    let secrets = ["PAGERDUTY_ROUTING_KEY": "r0uting-key-of-test"]
    let keyless = try runTool(["preflight", "--notify"], in: directory.path)
    #expect(keyless.status == 64 && keyless.errors.contains("PAGERDUTY_ROUTING_KEY has no routing key"), "\(keyless)")
    try directory.write(ToolTests.racy, "Sources/M/B.swift")
    let failed = try runTool(["preflight", "--notify"], in: directory.path, environment: secrets)
    #expect(failed.status == 11, "\(failed)")
    struct Event: Decodable {
      struct Payload: Decodable {
        var summary: String
        var severity: String
        var source: String
      }
      var routing_key: String
      var event_action: String
      var dedup_key: String
      var payload: Payload?
    }
    let event = try JSONDecoder().decode(Event.self, from: Data(try #require(server.requests.last).body.utf8))
    #expect(event.routing_key == "r0uting-key-of-test" && event.event_action == "trigger")
    #expect(event.payload?.severity == "critical" && event.payload?.source == "ci")
    #expect(event.payload?.summary.contains("failed in sources: Sources/M/B.swift:4") ?? false)
    try directory.write("let two = 2\n", "Sources/M/B.swift")
    let passed = try runTool(["preflight", "--notify"], in: directory.path, environment: secrets)
    let resolved = try JSONDecoder().decode(Event.self, from: Data(try #require(server.requests.last).body.utf8))
    #expect(passed.status == 0 && resolved.event_action == "resolve" && resolved.dedup_key == event.dedup_key)
    for run in [failed, passed] { #expect(!(run.output + run.errors).contains("r0uting-key-of-test")) }
  }

  /// A secret is for the address that was configured, and a server that fails is told of.
  @Test func failures_areToldAndRedirectionsNotFollowed() throws {
    let other = try StubServer { _ in (200, "", "") }
    defer { other.stop() }
    let port = other.port
    let server = try StubServer { request in
      request.path == "/v2/enqueue"
        ? (307, "Location: http://127.0.0.1:\(port)/\r\n", "") : (500, "", "key r0uting-key-of-test")
    }
    defer { server.stop() }
    try configure(server.port)
    let run = try runTool(
      ["preflight", "--notify", "--silence"], in: directory.path,
      environment: ["PAGERDUTY_ROUTING_KEY": "r0uting-key-of-test"])
    #expect(run.status == 16 && run.errors.contains("answers with status 307"), "\(run)")
    #expect(run.errors.contains("answers with status 500: key ***"), "\(run)")
    #expect(other.requests.isEmpty)
  }

  private func git(_ arguments: String...) throws -> ToolRun {
    let fixed = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-C", directory.path + "/clone"]
    return try run("/usr/bin/git", fixed + arguments, in: directory.path)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/git")))
  func hook_refusesTheTagsOfWhatFails() throws {
    try directory.write(ToolTests.racy, "clone/Sources/M/B.swift")
    try directory.write("include: [Sources]\npreflight: {stages: [sources]}\n", "clone/.access-audit.yml")
    try directory.write(".build\n", "clone/.gitignore")
    #expect(try run("/usr/bin/git", ["init", "-q", "--bare", "other"], in: directory.path).status == 0)
    #expect(try run("/usr/bin/git", ["init", "-q", "-b", "main", "clone"], in: directory.path).status == 0)
    _ = try git("add", "-A")
    #expect(try git("commit", "-qm", "one").status == 0)
    _ = try git("tag", "1.0")
    _ = try git("remote", "add", "origin", directory.path + "/other")
    let installed = try runTool(["preflight", "--install-hook", "--package-path", "clone"], in: directory.path)
    #expect(installed.status == 0 && installed.output.hasSuffix("clone/.git/hooks/pre-push\n"), "\(installed)")
    #expect(try git("push", "-q", "origin", "main").status == 0)
    let refused = try git("push", "-q", "origin", "1.0")
    #expect(refused.status != 0 && refused.errors.contains("the push of 1.0 is refused (status 11)"), "\(refused)")
    try directory.write("let one = 1\n", "clone/Sources/M/B.swift")
    #expect(try git("push", "-q", "origin", "1.0").errors.contains("there are changes that are not committed"))
    #expect(try git("commit", "-qam", "two").status == 0)
    let behind = try git("push", "-q", "origin", "1.0")
    #expect(behind.status != 0 && behind.errors.contains("1.0 is not the commit that is checked out"), "\(behind)")
    _ = try git("tag", "1.1")
    let pushed = try git("push", "-q", "origin", "1.1")
    #expect(pushed.status == 0, "\(pushed)")
    #expect(try git("push", "-q", "origin", ":refs/tags/1.1").status == 0)
    #expect(try runTool(["preflight", "--remove-hook", "--package-path", "clone"], in: directory.path).status == 0)
    try directory.write("#!/bin/sh\n", "clone/.git/hooks/pre-push")
    let kept = try runTool(["preflight", "--install-hook", "--package-path", "clone"], in: directory.path)
    #expect(kept.status == 64 && directory.read("clone/.git/hooks/pre-push") == "#!/bin/sh\n", "\(kept)")
  }
}
#endif
