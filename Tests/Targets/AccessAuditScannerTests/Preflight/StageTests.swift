// SPDX-License-Identifier: Apache-2.0
//
// Every stage, passing and failing: its status, its next step, and the command that does it again.
// No program is run.

#if Scanner && canImport(Glibc)
import AccessAuditPreflight
import AccessReports
import Foundation
import Testing

@Suite struct StageTests {
  /// The reports of one race, as `run` and `show` write them.
  static let race = repositoryFile("Tests/Targets/AccessAuditReportsTests/Golden/reports.json")

  private let directory: TemporaryDirectory
  private let host = FakeHost()

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("// swift-tools-version: 6.0\n", "Package.swift")
    try directory.write("let one = 1\n", "Sources/M/A.swift")
  }

  @Test func sources_failOnFindings() throws {
    #expect(try preflight(directory, host, stages: [.sources]).isReady)
    try directory.write(ToolTests.racy, "Sources/M/B.swift")
    let result = try preflight(directory, host, stages: [.sources, .build])
    #expect(result.exitStatus == 11)
    let stage = result.stages[0]
    #expect(stage.failed.first?.place == Check.Place(file: "Sources/M/B.swift", line: 4))
    #expect(stage.next?.hasPrefix("access-audit rules ") ?? false)
    #expect(stage.command == "(cd \(directory.path) && access-audit scan)")
    #expect(result.stages[1].verdict == .skipped && host.commands.isEmpty)
  }

  @Test func sources_failOnWhatIsNotScanned() throws {
    let nested = "func f() {" + String(repeating: "if a { ", count: 1000) + String(repeating: "}", count: 1000) + "}\n"
    try directory.write(nested, "Sources/M/C.swift")
    #expect(try preflight(directory, host, stages: [.sources]).exitStatus == 11)
  }

  @Test func sources_failOnAnExpiredEntry() throws {
    try directory.write("baseline: known.json\n", ".access-audit.yml")
    func baseline(_ expires: String) -> String {
      """
      {"schema": "access-audit-baseline/1", "findings": [{"fingerprint": "00", "rule": "mutable-global",
        "path": "Sources/M/A.swift", "symbol": "old", "owner": "ana", "expires": "\(expires)"}]}
      """
    }
    try directory.write(baseline("2999-12-31"), "known.json")
    let valid = try preflight(directory, host, stages: [.sources])
    #expect(valid.isReady && valid.stages[0].warnings.count == 1, "\(valid)")
    try directory.write(baseline("2001-01-31"), "known.json")
    let expired = try preflight(directory, host, stages: [.sources])
    #expect(expired.exitStatus == 11)
    #expect(expired.stages[0].summary.contains("expired on 2001-01-31; its owner is ana"), "\(expired)")
  }

  @Test func build_failsWithItsErrors() throws {
    host.answers["swift build"] = FakeHost.Answer(status: 1, output: "/p/A.swift:7:3: error: no such thing\n")
    let result = try preflight(directory, host, stages: [.build])
    #expect(result.exitStatus == 12)
    #expect(result.stages[0].failed.first?.place == Check.Place(file: "/p/A.swift", line: 7))
    #expect(result.stages[0].command.hasSuffix("&& swift build)"))
    host.answers["swift build"] = FakeHost.Answer(status: 1, output: "ld: error: cannot find -lunwind\n")
    #expect(try preflight(directory, host, stages: [.build]).stages[0].next?.contains("libunwind-dev") ?? false)
    host.missing = ["swift"]
    #expect(try preflight(directory, host, stages: [.build]).stages[0].next?.contains("toolchain") ?? false)
  }

  @Test func build_failsOnAProgramThatIsNone() throws {
    try directory.write("#!/bin/sh\n", "out/shop")
    host.answers["swift build"] = FakeHost.Answer(output: "Build complete!\n")
    host.answers["swift build --show-bin-path"] = FakeHost.Answer(output: "\(directory.path)/out\n")
    #expect(try preflight(directory, host, stages: [.build]).stages[0].warnings.count == 1)
    let result = try preflight(directory, host, stages: [.build]) { $0.build.products = ["shop"] }
    #expect(result.exitStatus == 12 && result.stages[0].summary.contains("no 64-bit ELF program"))
  }

  /// What `try` would have written.
  private func answerTests(_ json: String, status: Int32 = 0, output: String = "") {
    let path = "\(directory.path)/.build/access-audit/preflight/tests.json"
    host.answers["access-audit try"] = FakeHost.Answer(status: status, output: output) { _ in
      try Data(json.utf8).write(to: URL(fileURLWithPath: path))
    }
  }

  private func trial(_ violations: String = "[]", own: Int = 0, exit: Int = 0, failed: String = "[]") -> String {
    """
    {"schema": "access-audit-merged/1", "violations": \(violations), "trial": {"ownStatus": \(own), "exitStatus": \(exit),
      "suspects": [], "tests": {"count": 6, "failed": \(failed)}}}
    """
  }

  @Test func tests_passAndFail() throws {
    answerTests(trial())
    let result = try preflight(directory, host, stages: [.tests])
    #expect(result.isReady && result.stages[0].lines == ["passed 6 tests passed", "passed no race was seen"])
    #expect(
      host.commands.last?.arguments.prefix(6) == ["access-audit", "try", "--on-violation", "shield", "--rounds", "3"])
    answerTests(trial(own: 1, exit: 1, failed: #"["CacheTests.testOne"]"#))
    let failed = try preflight(directory, host, stages: [.tests])
    #expect(failed.exitStatus == 13 && failed.stages[0].next == "swift test --filter CacheTests.testOne")
    answerTests(trial(exit: 69))
    #expect(
      try preflight(directory, host, stages: [.tests]).stages[0].summary == "the tests ran, and nothing was audited")
    host.answers = ["access-audit try": FakeHost.Answer(status: 1, output: "x: error: does not build\n")]
    let broken = try preflight(directory, host, stages: [.tests])
    #expect(broken.exitStatus == 13 && broken.stages[0].summary.contains("does not build"))
  }

  @Test func tests_compareRacesWithWhatIsKnown() throws {
    let merged = try mergedRaces()
    answerTests(trial(merged.json, own: 0, exit: 66))
    let unknown = try preflight(directory, host, stages: [.tests])
    #expect(unknown.exitStatus == 13 && unknown.stages[0].failed.count == merged.prints.count, "\(unknown)")
    #expect(unknown.stages[0].next != nil)
    func baseline(_ expires: String) throws {
      let entries = (merged.prints + ["gone:1"]).map {
        #"{"fingerprint": "\#($0)", "summary": "s \#($0)", "owner": "ben", "expires": "\#(expires)"}"#
      }
      try directory.write(
        #"{"schema": "access-audit-baseline/1", "violations": [\#(entries.joined(separator: ","))]}"#, "known.json")
    }
    try baseline("2999-01-01")
    let known = try preflight(directory, host, stages: [.tests]) { $0.tests.baseline = "known.json" }
    #expect(known.isReady, "\(known)")
    #expect(known.stages[0].warnings.map(\.detail) == ["known.json: an entry was not seen: s gone:1"])
    #expect(known.stages[0].command.contains("--baseline known.json"))
    try baseline("2001-01-01")
    let expired = try preflight(directory, host, stages: [.tests]) { $0.tests.baseline = "known.json" }
    #expect(expired.exitStatus == 13 && expired.stages[0].failed.count == 2 * merged.prints.count + 1)
    // A part of the tests says nothing of entries that match nothing.
    try baseline("2999-01-01")
    let part = try preflight(directory, host, stages: [.tests]) {
      $0.tests.baseline = "known.json"
      $0.tests.arguments = ["--filter", "A"]
    }
    #expect(part.isReady && part.stages[0].warnings.isEmpty)
  }

  @Test func tests_suppressionsCountUntilTheyExpire() throws {
    let merged = try mergedRaces()
    answerTests(trial(merged.json, exit: 66))
    try directory.write("# access-audit: owner=ana expires=2999-01-01 reason=all\nrace:*\nrace:NoSuchThing\n", "r.supp")
    let known = try preflight(directory, host, stages: [.tests]) { $0.tests.suppressions = "r.supp" }
    // One of the races has no frames, which no pattern matches.
    #expect(known.stages[0].failed.count == merged.prints.count - 1, "\(known)")
    #expect(known.stages[0].warnings.map(\.detail) == ["r.supp:3: 'race:NoSuchThing' matched nothing"])
    try directory.write("# access-audit: owner=ana expires=2001-01-01 reason=all\nrace:*\n", "r.supp")
    let expired = try preflight(directory, host, stages: [.tests]) { $0.tests.suppressions = "r.supp" }
    #expect(expired.exitStatus == 13 && expired.stages[0].failed.count == merged.prints.count + 1)
    #expect(
      expired.stages[0].lines.contains { $0.contains("r.supp:2: 'race:*' expired on 2001-01-01; its owner is ana") })
  }

  @Test func tests_runInPlaceWhereThePackageHasTheAudit() throws {
    try directory.write(".package(url: \"https://example.org/swift-access-audit\", from: \"1.0.0\")\n", "Package.swift")
    let path = "\(directory.path)/.build/access-audit/preflight/tests.json"
    host.answers["access-audit run"] = FakeHost.Answer(status: 0, output: "✔ Test run with 4 tests in 1 suite passed\n")
    { _ in
      try Data(#"{"schema": "access-audit-merged/1", "violations": []}"#.utf8).write(to: URL(fileURLWithPath: path))
    }
    let result = try preflight(directory, host, stages: [.tests])
    #expect(result.isReady && result.stages[0].summary == "4 tests passed")
    #expect(host.commands.last?.arguments.suffix(3) == ["--", "swift", "test"])
    host.answers["access-audit run"]?.status = 69
    #expect(try preflight(directory, host, stages: [.tests]).exitStatus == 13)
  }

  private func mergedRaces() throws -> (json: String, prints: [String]) {
    let shown = try runTool(["show", Self.race, "--format", "json"], in: directory.path)
    struct Document: Decodable {
      struct Item: Decodable { var fingerprint: String }
      var violations: [Item]
    }
    let prints = try JSONDecoder().decode(Document.self, from: Data(shown.output.utf8)).violations.map(\.fingerprint)
    let start = try #require(shown.output.firstRange(of: "\"violations\": ")).upperBound
    let end = try #require(shown.output.lastIndex(of: "}"))
    return (String(shown.output[start..<end]), prints)
  }
}
#endif
