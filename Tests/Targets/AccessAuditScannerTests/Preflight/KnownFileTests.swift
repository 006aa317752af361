// SPDX-License-Identifier: Apache-2.0
//
// Baselines and suppressions with owner, reason and the day on which they end, and the subcommand
// that keeps them. Files of earlier versions stay valid.

#if Scanner && canImport(Glibc)
import AccessAuditReports
import BaselineTerms
import Foundation
import Testing

@Suite struct KnownFileTests {
  private let directory: TemporaryDirectory
  private static let note = ["--owner", "ana", "--reason", "until the lock is in"]

  init() throws { directory = try TemporaryDirectory() }

  private func tool(_ arguments: String...) throws -> ToolRun { try runTool(arguments, in: directory.path) }

  private struct Entries: Decodable {
    struct Entry: Decodable {
      var fingerprint: String
      var owner: String?
      var reason: String?
      var expires: String?
    }
    var violations: [Entry]?
    var findings: [Entry]?
  }

  private func entries(_ name: String) throws -> [Entries.Entry] {
    let read = try JSONDecoder().decode(Entries.self, from: Data((directory.read(name) ?? "").utf8))
    return read.violations ?? read.findings ?? []
  }

  @Test func days() {
    #expect(CalendarDay("2024-02-29") != nil && CalendarDay("2023-02-29") == nil && CalendarDay("2100-02-29") == nil)
    for text in ["", "2024-1-01", "2024-13-01", "2024-00-10", "2024-04-31", "24-01-01", "2024-01-01T", "２０２４-01-01"] {
      #expect(CalendarDay(text) == nil, "\(text)")
    }
    #expect(CalendarDay(secondsSince1970: 951_782_400).description == "2000-02-29")
    #expect(CalendarDay("2024-01-31")! < CalendarDay("2024-02-01")! && CalendarDay.today > CalendarDay("2025-01-01")!)
  }

  @Test func races_expireAndAreRenewed() throws {
    let race = StageTests.race
    let added = try runTool(
      ["baseline", "add", "k.json", "--from", race, "--expires", "2999-01-01"] + Self.note, in: directory.path)
    #expect(added.status == 0, "\(added)")
    let all = try entries("k.json")
    #expect(!all.isEmpty && all.allSatisfy { $0.owner == "ana" && $0.expires == "2999-01-01" })
    #expect(try tool("show", race, "--baseline", "k.json").status == 0)
    #expect(try tool("baseline", "check", "k.json", "--owned").status == 0)
    // Writing the baseline again keeps what is said of its entries.
    #expect(try tool("show", race, "--write-baseline", "k.json", "--format", "json").status == 0)
    #expect(try entries("k.json").allSatisfy { $0.owner == "ana" })
    // One that has expired counts no longer.
    let key = all[0].fingerprint
    let renewed = try runTool(
      ["baseline", "add", "k.json", "--key", key, "--expires", "2001-01-01"] + Self.note, in: directory.path)
    #expect(renewed.status == 0, "\(renewed)")
    let expired = try tool("show", race, "--baseline", "k.json")
    #expect(expired.status == 1 && expired.errors.contains("expired on 2001-01-01 and does not count"), "\(expired)")
    try directory.write("", "none/.keep")
    #expect(try tool("diff", "none", race, "--baseline", "k.json").status == 1)
    let check = try tool("baseline", "check", "k.json")
    #expect(check.status == 1 && check.output.contains("\(key): ") && check.output.contains("expired on 2001-01-01"))
    let explained = try tool("baseline", "explain", "k.json", "--key", key, "--from", race)
    #expect(explained.output.contains("ana, EXPIRED on 2001-01-01: until the lock is in\n  matches\n"), "\(explained)")
    let pruned = try tool("baseline", "prune", "k.json", "--expired")
    #expect(pruned.status == 0 && pruned.output.hasSuffix("1 entries removed\n"), "\(pruned)")
    #expect(try entries("k.json").count == all.count - 1)
  }

  @Test func races_areListedWhenUnused() throws {
    let old = #"{"schema": "access-audit-baseline/1", "violations": [{"fingerprint": "0:1", "summary": "gone"}]}"#
    try directory.write(old, "k.json")
    #expect(try tool("baseline", "check", "k.json").status == 0)
    #expect(try tool("baseline", "check", "k.json", "--owned").output.contains("has no owner, has no reason"))
    let dry = try tool("baseline", "prune", "k.json", "--from", StageTests.race, "--dry-run")
    #expect(
      dry.output == "would remove 0:1: gone (matches nothing)\n1 entries to remove\n" && directory.read("k.json") == old
    )
    #expect(try tool("baseline", "prune", "k.json", "--from", StageTests.race).status == 0)
    #expect(try entries("k.json").isEmpty)
  }

  @Test func findings_haveOwnersToo() throws {
    try directory.write(ToolTests.racy, "Sources/M/A.swift")
    #expect(try tool("scan", "--format", "json", "--output", "found.json").status == 1)
    let added = try runTool(["baseline", "add", "k.json", "--from", "found.json"] + Self.note, in: directory.path)
    #expect(added.status == 0 && added.output == "1 entries of k.json are ana's, without an end\n", "\(added)")
    #expect(try tool("scan", "--baseline", "k.json").status == 0)
    #expect(try tool("scan", "--baseline", "k.json", "--write-baseline", "k.json").status == 0)
    #expect(try entries("k.json").map(\.owner) == ["ana"])
    let key = try entries("k.json")[0].fingerprint
    let renewed = try runTool(
      ["baseline", "add", "k.json", "--key", key, "--expires", "2001-01-01"] + Self.note, in: directory.path)
    #expect(renewed.status == 0, "\(renewed)")
    let expired = try tool("scan", "--baseline", "k.json")
    #expect(expired.status == 1 && expired.errors.contains("expired on 2001-01-01"), "\(expired)")
    try directory.write("let one = 1\n", "Sources/M/A.swift")
    #expect(try tool("scan", "--format", "json", "--output", "found.json").status == 0)
    #expect(try tool("baseline", "prune", "k.json", "--from", "found.json").output.contains("1 entries removed"))
    #expect(try tool("baseline", "prune", "k.json", "--from", StageTests.race).status == 64)
  }

  @Test func suppressions_areAnnotatedInComments() throws {
    let file = "# by hand\nrace:Kept.*\n"
    try directory.write(file, "r.supp")
    let added = try runTool(
      ["baseline", "add", "r.supp", "--key", "race:*", "--expires", "2001-01-01"] + Self.note, in: directory.path)
    #expect(added.status == 0, "\(added)")
    #expect(
      directory.read("r.supp")
        == file + "# access-audit: owner=ana expires=2001-01-01 reason=until the lock is in\nrace:*\n")
    #expect(try tool("baseline", "check", "r.supp").output == "r.supp: race:*: line 4: expired on 2001-01-01\n")
    // Given again it is renewed, not repeated.
    _ = try runTool(["baseline", "add", "r.supp", "--key", "race:*"] + Self.note, in: directory.path)
    #expect(directory.read("r.supp") == file + "# access-audit: owner=ana reason=until the lock is in\nrace:*\n")
    let pruned = try tool("baseline", "prune", "r.supp", "--from", StageTests.race)
    #expect(pruned.output == "removed race:Kept.*: line 2 (matches nothing)\n1 entries removed\n", "\(pruned)")
    #expect(directory.read("r.supp") == "# by hand\n# access-audit: owner=ana reason=until the lock is in\nrace:*\n")
    #expect(
      try tool("baseline", "explain", "r.supp").output
        == "race:*: line 3\n  ana, without an end: until the lock is in\n")
  }

  @Test func wrongUsageEndsWithSixtyFour() throws {
    try directory.write("# access-audit: expires=tomorrow\nrace:a\n", "day.supp")
    try directory.write("# access-audit: until=2027-01-01\nrace:a\n", "key.supp")
    try directory.write(
      #"{"schema": "access-audit-baseline/1", "violations": [{"fingerprint": "0", "summary": "", "expires": "soon"}]}"#,
      "day.json")
    try directory.write("{}", "none.json")
    for arguments in [
      ["check", "day.supp"], ["check", "key.supp"], ["check", "day.json"], ["check", "none.json"], ["check", "absent"],
      ["prune", "day.supp"], ["add", "k.json"] + Self.note, ["add", "k.json", "--key", "0"],
      ["add", "k.json", "--from", StageTests.race, "--expires", "2027-02-30"] + Self.note,
      ["add", "k.json", "--from", StageTests.race, "--key", "absent"] + Self.note,
      ["add", "k.supp", "--key", "nonsense"] + Self.note, ["explain", "day.json"],
    ] {
      let run = try runTool(["baseline"] + arguments, in: directory.path)
      #expect(run.status == 64 && !run.errors.isEmpty, "\(arguments): \(run)")
    }
    #expect(try tool("baseline", "check", "day.json").errors.contains("'soon' is no day YYYY-MM-DD"))
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/k.json"))
  }
}
#endif
