// SPDX-License-Identifier: Apache-2.0
//
// The built tool as a process, with the trait `Tools`: `run`, `show` and `diff`, with their exit
// statuses and files.

#if REPORTS && canImport(Glibc)

#if ReportTools
import Foundation
import Testing

@Suite(.serialized)
struct ReportToolTests {
  static let golden = GoldenTests.folder.appendingPathComponent("reports.json").path

  @Test func run_passesTheStatusOnAndSummarises() throws {
    let race = ToolRun.products.appendingPathComponent("race-programs").path
    let options = ["run", "--on-violation", "report", "--set", "wait_ms=20000"]
    let reported = try ToolRun(options + ["--", race, "queued"])
    #expect(reported.status == 66, "\(reported)")
    #expect(reported.output == "finished with 1 violations\n")
    #expect(reported.errors.contains("fatal error: concurrent dictionary writes"))
    #expect(reported.errors.hasSuffix("access-audit: 1 violation in 1 process; the program exited with status 66\n"))
    let halted = try ToolRun(["run", "--", race, "write-write-subscript"])
    #expect(halted.status == 134, "\(halted)")
    #expect(halted.errors.contains("signal 6 (Aborted) ended the program"))
    let clean = try ToolRun(["run", "--", race, "silent-lock"])
    #expect(clean.status == 0, "\(clean)")
    #expect(
      clean.errors.firstMatch(
        of:
          /(?m)^access-audit: 0 violations in (at least )?[\d,]+ accesses to 1 collection by \d+ threads; the program exited with status 0$/
      )
        != nil, "\(clean)")
    // The line at exit is the tool's here.
    #expect(!clean.errors.contains("AccessAudit:"), "\(clean)")
  }

  /// Nothing is said of violations where nothing was audited, and the status says so.
  @Test func run_isNeverFalselyClean() throws {
    let shell = try ToolRun(["run", "--", "/bin/sh", "-c", "exit 7"])
    #expect(shell.status == 7 && !shell.errors.contains("0 violations"), "\(shell)")
    #expect(shell.errors.contains("/bin/sh holds no audit: it is built without AuditedCollections"), "\(shell)")
    #expect(shell.errors.contains("nothing was audited: the program holds no audit"), "\(shell)")
    #expect(try ToolRun(["run", "--", "true"]).status == 69)
    // It holds the audit, and makes no access.
    let race = ToolRun.products.appendingPathComponent("race-programs").path
    let idle = try ToolRun(["run", "--", race])
    #expect(idle.status == 69 && !idle.errors.contains("holds no audit"), "\(idle)")
    #expect(idle.errors.contains("nothing was audited: no audited access was made, or"), "\(idle)")
    let killed = try ToolRun(["run", "--", race, "fatal-error-in-window"])
    #expect(killed.status > 128 && !killed.errors.contains("nothing was audited"), "\(killed)")
    #expect(killed.errors.contains("until then, and what was audited is not known; signal "), "\(killed)")
  }

  @Test func diagnostics_tellsAProgramWithTheAudit() throws {
    let race = try ToolRun(["diagnostics", ToolRun.products.appendingPathComponent("race-programs").path])
    #expect(race.status == 0 && race.output.contains("audit: compiled in\n"), "\(race)")
    #expect(race.output.contains("symbols: names and lines\n"), "\(race)")
    let other = try ToolRun(["diagnostics", "/bin/true"])
    #expect(other.status == 69 && other.output.contains("audit: none"), "\(other)")
    #expect(try ToolRun(["diagnostics"]).status == 0)
    #expect(try ToolRun(["--version"]).output.contains("."))
  }

  /// A stripped program's report gets its names from unstripped files of the same build, in
  /// several layouts; another build's file is refused.
  @Test func show_namesStrippedFrames() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stripped-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["bin", "symbols", "wrong", "reports"] {
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    let race = ToolRun.products.appendingPathComponent("race-programs").path
    let script = """
      set -e; cd \(folder); cp \(race) symbols/race-programs; objcopy --strip-all \(race) bin/race-programs
      cp \(ToolRun.products.path)/access-audit wrong/race-programs
      id=$(readelf -n symbols/race-programs | sed -n 's/.*Build ID: //p'); first=$(echo $id | cut -c1-2)
      mkdir -p debug/.build-id/$first; objcopy --only-keep-debug symbols/race-programs debug/.build-id/$first/${id#??}.debug
      """
    let prepared = try ToolRun(["run", "--", "/bin/sh", "-c", script])
    try #require(prepared.status == 69, "\(prepared)")
    let run = try ToolRun([
      "run", "--on-violation", "report", "--set", "wait_ms=20000", "--keep", "\(folder)/reports", "--",
      "\(folder)/bin/race-programs", "observed",
    ])
    #expect(run.status == 66 && run.errors.contains(/#0 race-programs\+0x[0-9a-f]+\n/), "\(run)")
    let place = /#0 closure #2 in static ReportScenarios\.overlapOnce\(label:\) ReportScenarios\.swift:\d+:\d+/
    for symbols in ["symbols", "symbols/race-programs", "debug"] {
      let shown = try ToolRun(["show", "\(folder)/reports", "--symbols", "\(folder)/\(symbols)"])
      #expect(shown.status == 0 && shown.output.contains(place), "\(symbols): \(shown)")
    }
    let wrong = try ToolRun(["show", "\(folder)/reports", "--symbols", "\(folder)/wrong"])
    #expect(wrong.errors.contains("is another build of it: build ID") && !wrong.output.contains(place), "\(wrong)")
  }

  @Test func show_saysThatAFolderIsEmpty() throws {
    let empty = FileManager.default.temporaryDirectory.appendingPathComponent("empty-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: empty) }
    let run = try ToolRun(["show", empty.path])
    #expect(run.status == 0 && run.errors == "access-audit: no reports in \(empty.path)\n", "\(run)")
    #expect(run.output == "No reports.\n", "\(run)")
    for name in ["access-audit.12.1.txt", "access-audit.12.2.txt", "notes.txt"] {
      try Data("text".utf8).write(to: empty.appendingPathComponent(name))
    }
    let texts = try ToolRun(["show", empty.path])
    #expect(texts.errors.contains(": 2 of text, which is not read back; log_format=text+json writes both"), "\(texts)")
    let gone = try ToolRun(["diff", Self.golden, empty.path])
    #expect(gone.status == 0 && gone.errors.contains("no reports in \(empty.path)"), "\(gone)")
    #expect(try ToolRun(["diff", empty.path, Self.golden]).errors == "")
  }

  /// The tool reads reports; a program that audits has a word for the mode of its accesses.
  @Test func tool_linksNoEngine() throws {
    func holdsEngine(_ program: String) throws -> Bool {
      let file = try Data(contentsOf: ToolRun.products.appendingPathComponent(program), options: .alwaysMapped)
      return file.range(of: Data("audit_mode_word".utf8)) != nil
    }
    #expect(try holdsEngine("race-programs"))
    #expect(try !holdsEngine("access-audit"))
  }

  /// A process that the program leaves behind is waited for, and its reports count.
  @Test func run_collectsFromChildren() throws {
    let race = ToolRun.products.appendingPathComponent("race-programs").path
    let script = "\(race) queued; (sleep 0.5; \(race) queued) & exit 0"
    let run = try ToolRun([
      "run", "--on-violation", "report", "--set", "wait_ms=20000", "--wait-for-children", "60", "--", "/bin/sh", "-c",
      script,
    ])
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("1 violation in 2 processes; the program exited with status 0"), "\(run)")
  }

  /// Each run begins with what the ones before learnt; what stays open is shown, and written.
  @Test func hunt_repeatsAndNamesSuspects() throws {
    let race = ToolRun.products.appendingPathComponent("race-programs").path
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("suspects-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let run = try ToolRun(["run", "--hunt", "2", "--suspects", file.path, "--", race, "hunt-suspects"])
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("access-audit: run 2 of at most 2: 0 pairs confirmed, 0 ordered, 1 open"), "\(run)")
    let place = "closure #1 in static HuntScenarios.suspects(byMembers:)"
    #expect(run.errors.contains("write (subscript.set) \(place)"), "\(run)")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    #expect(json["schema"] as? String == "access-audit-suspects/1")
    let suspects = try #require(json["suspects"] as? [[String: Any]])
    let accesses = try #require(suspects.first?["accesses"] as? [[String: Any]])
    #expect(Set(accesses.compactMap { $0["operation"] as? String }) == ["subscript.get", "subscript.set"])
  }

  /// A program that crashed of its race would not say what it has learnt, and the hunt end early.
  @Test func hunt_keepsTheProgramAlive() throws {
    let run = try ToolRun(["run", "--hunt", "1", "--", "/bin/sh", "-c", "echo $ACCESS_AUDIT"])
    #expect(run.output.contains("hunt=30 on_violation=shield"), "\(run)")
    let killed = try ToolRun(["run", "--hunt", "2", "--", "/bin/sh", "-c", "kill -9 $$"])
    #expect(killed.status == 137 && killed.errors.contains("run 2 of at most 2"), "\(killed)")
  }

  @Test func wrongUsage_endsWith64() throws {
    for arguments in [
      ["run"], ["run", "--", "/no/such/program"], ["run", "--set", "nonsense", "--", "true"], ["show"],
      ["show", "/no/such/file"], ["show", "/proc/self/status"], ["show", "--format", "xml", Self.golden],
      ["show", "--baseline", Self.golden, Self.golden], ["diff", Self.golden],
      ["diff", Self.golden, "/no/such/file"], ["run", "--on-violation", "explode", "--", "true"],
      ["run", "--exitcode", "300", "--", "true"], ["run", "--set", "stack_depth=0", "--", "true"],
      ["run", "--set", "stack_dept=5", "--", "true"], ["run", "--suppressions", "/no/such/file", "--", "true"],
      ["show", "--symbols", "/no/such/folder", Self.golden], ["diagnostics", "/no/such/program"],
    ] {
      let run = try ToolRun(arguments)
      #expect(run.status == 64 && !run.errors.isEmpty, "\(arguments): \(run)")
    }
    // What is refused is not said to be ignored, and is called as it was given.
    for (option, fault) in [
      (["--on-violation", "explode"], "Error: --on-violation: on_violation='explode' must be one of halt, report"),
      (["--exitcode", "300"], "Error: --exitcode: exitcode='300' must be a number from 0 to 255.\n"),
      (["--set", "stack_dept=5"], "Error: --set: unknown option 'stack_dept'; did you mean"),
    ] {
      let run = try ToolRun(["run"] + option + ["--", "true"])
      #expect(run.errors.hasPrefix(fault), "\(run)")
    }
    #expect(try ToolRun(["show", "--output", "/no/such/folder/x", Self.golden]).status == 70)
    for command in ["run", "show", "diff"] {
      let help = try ToolRun([command, "--help"])
      #expect(help.status == 0 && help.output.contains("Exit status:"), "\(help)")
    }
  }

  @Test func diffAndBaseline_areGates() throws {
    #expect(try ToolRun(["diff", Self.golden, Self.golden]).status == 0)
    let empty = FileManager.default.temporaryDirectory.appendingPathComponent("empty-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: empty) }
    let new = try ToolRun(["diff", empty.path, Self.golden])
    #expect(new.status == 1 && new.output.hasSuffix("2 new, 0 gone, 0 unchanged\n"), "\(new)")
    #expect(try ToolRun(["diff", Self.golden, empty.path]).status == 0)
    let baseline = empty.appendingPathComponent("known.baseline").path
    #expect(try ToolRun(["show", "--write-baseline", baseline, Self.golden]).status == 0)
    let known = try ToolRun(["show", "--baseline", baseline, Self.golden])
    #expect(known.status == 0 && known.output == "No violations.\n", "\(known)")
    #expect(try ToolRun(["diff", "--baseline", baseline, empty.path, Self.golden]).status == 0)
    let unknown = try ViolationFiles.firstOnly(of: Self.golden, in: empty)
    #expect(try ToolRun(["show", "--write-baseline", baseline, unknown]).status == 0)
    #expect(try ToolRun(["show", "--baseline", baseline, Self.golden]).status == 1)
  }
}

enum ViolationFiles {
  /// Writes the first report of a file to a separate file.
  static func firstOnly(of path: String, in folder: URL) throws -> String {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let file = folder.appendingPathComponent("first.report")
    let end = try #require(text.range(of: "\n}\n"))
    try String(text[..<end.upperBound]).write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }
}

/// One run of the tool.
struct ToolRun: CustomStringConvertible {
  var status: Int32
  var output: String
  var errors: String
  var description: String { "status \(status)\n\(output)\n\(errors)" }

  static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  init(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = Self.products.appendingPathComponent("access-audit")
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["ACCESS_AUDIT"] = nil
    environment["SWIFT_BACKTRACE"] = "enable=no"
    process.environment = environment
    let folder = FileManager.default.temporaryDirectory
    let files = ["output", "errors"].map { folder.appendingPathComponent("\($0)-\(UUID().uuidString)") }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    status = process.terminationStatus
    output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
    errors = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
  }
}
#endif

#endif
