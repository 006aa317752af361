// SPDX-License-Identifier: Apache-2.0
//
// The built tool: `preflight` and `baseline` with real programs, exit statuses and files. No
// package is built.

#if Scanner && canImport(Glibc)
@testable import AccessAuditPreflight
import Foundation
import Testing

@Suite(.serialized) struct PreflightToolTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("let one = 1\n", "Sources/M/A.swift")
  }

  private func configure(_ preflight: String) throws {
    try directory.write("include: [Sources]\npreflight:\n\(preflight)", ".access-audit.yml")
  }

  @Test func wrongUsageEndsWithSixtyFour() throws {
    try directory.write("preflight: {stages: [deploy]}\n", "bad.yml")
    for arguments in [
      ["--stage", "deploy"], ["--config", "none.yml"], ["--config", "bad.yml"], ["--report", "pdf=a"],
      ["--report", "junit"], ["--package-path", "none"], ["--silence"], ["--notify"], ["--lift-silence"],
      ["--install-hook", "--remove-hook"], ["--silence-id", "a"], ["--stage", "sources", "--stage", "sources"],
    ] {
      let run = try runTool(["preflight"] + arguments, in: directory.path)
      #expect(run.status == 64 && !run.errors.isEmpty, "\(arguments): \(run)")
    }
    #expect(
      try runTool(["preflight", "--config", "bad.yml"], in: directory.path).errors.contains("bad.yml:1: unknown stage"))
  }

  @Test func explain_runsNothing() throws {
    try configure("  tests: {baseline: known.json}\n  canary: {program: 'shop --port 1', load: [hey]}\n")
    let run = try runTool(["preflight", "--explain"], in: directory.path)
    #expect(run.status == 0, "\(run)")
    for line in [
      "1. sources: ", "A failure ends with status 11.", "runs: swift build\n", "3. tests: ",
      "again: access-audit try --on-violation shield --rounds 3 --baseline known.json", "starts: ACCESS_AUDIT=",
      "runs: hey", "5. observability: ", "not configured: passed over",
    ] { #expect(run.output.contains(line), "\(line)\n\(run.output)") }
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/.build"))
  }

  @Test func results_areWrittenInEveryForm() throws {
    try directory.write(ToolTests.racy, "Sources/M/B.swift")
    try configure("  stages: [sources, canary]\n  reports: {junit: out.xml}\n")
    let forms = ChecklistForm.allCases.flatMap { ["--report", "\($0.rawValue)=out.\($0.rawValue)"] }
    let run = try runTool(
      ["preflight", "--continue", "--sarif", "out.sarif"] + forms, in: directory.path,
      environment: ["GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": directory.path + "/summary.md"])
    #expect(run.status == 11, "\(run)")
    #expect(run.output.hasPrefix("Preflight of ") && run.output.contains("again: access-audit scan\n"))
    #expect(run.output.contains("\n::error file=Sources/M/B.swift,line=4,title=preflight sources%3A "))
    #expect(run.errors.contains("access-audit: 1/2 sources: "))
    #expect(directory.read("out.text").map { run.output.hasPrefix($0) } ?? false)
    #expect(directory.read("summary.md") == directory.read("out.markdown"))
    #expect(directory.read("out.xml") == directory.read("out.junit"))
    #expect(directory.read("out.sarif")?.contains("\"version\" : \"2.1.0\"") ?? false)
    for form in ["json", "github"] { #expect(!(directory.read("out.\(form)") ?? "").isEmpty) }
    let again = try runTool(["preflight", "--report", "json=no/such/folder/a"], in: directory.path)
    #expect(again.status == 70, "\(again)")
    #expect(try runTool(["preflight", "--skip", "sources"], in: directory.path).status == 0)
  }

  /// A real program is started, driven and stopped, and its races are found.
  @Test func canary_runsAProgram() throws {
    let race = try toolURL().deletingLastPathComponent().appendingPathComponent("race-programs").path
    try directory.write(
      """
      trap 'exit 0' TERM
      "$1" "$2" >/dev/null 2>&1
      touch ready
      while :; do sleep 0.05; done

      """, "program.sh")
    func configure(_ scenario: String) throws {
      try self.configure(
        """
          stages: [canary]
          canary:
            program: [/bin/sh, program.sh, \(race), \(scenario)]
            load: while ! [ -e ready ]; do sleep 0.02; done
            options: wait_ms=20000
            stop-seconds: 60

        """)
      try? FileManager.default.removeItem(atPath: directory.path + "/ready")
    }
    try configure("silent-lock")
    let clean = try runTool(["preflight"], in: directory.path)
    #expect(clean.status == 0 && clean.output.contains("accesses to 1 collection"), "\(clean)")
    try configure("queued")
    let raced = try runTool(["preflight"], in: directory.path)
    #expect(raced.status == 14 && raced.output.contains("x concurrent dictionary writes on "), "\(raced)")
    #expect(raced.output.contains("again: access-audit preflight --stage canary\n"))
    try configure("no-such-scenario")
    let idle = try runTool(["preflight"], in: directory.path)
    #expect(idle.status == 14 && idle.output.contains("nothing was audited"), "\(idle)")
  }

  /// The facts of programs as they are built here, and of a stripped one.
  @Test func programs_areLookedAt() throws {
    let folder = try toolURL().deletingLastPathComponent().path
    let host = FakeHost()
    var configuration = PreflightConfiguration()
    func lines(_ path: String) -> [String] {
      Preflight(configuration, root: directory.path, host: host).check(program: path, name: "p").map {
        "\($0.outcome.rawValue) \($0.detail)"
      }
    }
    let built = lines("\(folder)/race-programs")
    #expect(built.count == 5 && built.allSatisfy { $0.hasPrefix("passed ") }, "\(built)")
    #expect(
      built[2] == "passed p has names and lines"
        && built[3].hasSuffix("of the Swift functions of p set the frame pointer"))
    let stripped = directory.path + "/stripped"
    let copied = try run("/usr/bin/objcopy", ["--strip-all", "\(folder)/race-programs", stripped], in: directory.path)
    try #require(copied.status == 0, "\(copied)")
    #expect(lines(stripped)[2].hasPrefix("failed p is stripped"), "\(lines(stripped))")
    configuration.build.symbols = ["\(folder)/race-programs"]
    #expect(lines(stripped).allSatisfy { $0.hasPrefix("passed ") }, "\(lines(stripped))")
    configuration.build.symbols = ["\(folder)/access-audit"]
    #expect(lines(stripped)[2].hasPrefix("failed"))
    configuration.build.image = directory.path
    #expect(lines("\(folder)/race-programs")[4].hasPrefix("failed libunwind"), "\(lines("\(folder)/race-programs"))")
    configuration.build.audit = .compiledOut
    #expect(
      lines("\(folder)/race-programs") == ["failed the audit is compiled into p, which is to carry nothing of it"])
    #expect(lines("\(folder)/access-audit") == ["passed p holds no audit"])
    configuration.build.audit = .compiledIn
    #expect(lines("\(folder)/access-audit")[0].hasPrefix("failed p holds no audit"))
    #expect(lines("/etc/passwd").count == 1)
  }

  /// Any bytes are no program, or one without facts, and never a trap.
  @Test func programs_mayHoldAnything() throws {
    let folder = try toolURL().deletingLastPathComponent().path
    let original = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/thread-stopper")).prefix(20_000)
    // The numbers of an old linear generator: the same on every run.
    var number: UInt64 = 1
    func next(below limit: Int) -> Int {
      number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(number >> 33) % limit
    }
    for round in 0..<200 {
      var bytes = [UInt8](original)
      for _ in 0..<20 {
        bytes[round % 2 == 0 ? 16 + next(below: 48) : next(below: bytes.count)] = UInt8(next(below: 256))
      }
      let path = directory.path + "/program"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      _ = ProgramFacts(path: path, symbols: [])
    }
  }

  @Test func frames_areToldByTheFirstInstructions() {
    #expect(ProgramFacts.setsFramePointer([0x55, 0x48, 0x89, 0xE5], machine: ELFFile.x86))
    #expect(!ProgramFacts.setsFramePointer([0x55, 0x53, 0x48, 0x83, 0xEC, 0x18], machine: ELFFile.x86))
    #expect(ProgramFacts.setsFramePointer([0xFF, 0x83, 0, 0xD1, 0xFD, 0x7B, 0x01, 0xA9], machine: ELFFile.arm))
    #expect(
      !ProgramFacts.setsFramePointer([], machine: ELFFile.arm)
        && !ProgramFacts.setsFramePointer([], machine: ELFFile.x86))
  }
}
#endif
