// SPDX-License-Identifier: Apache-2.0
//
// The built tool as a process: exit statuses, files, formats, unparsable input. Skipped nowhere.

#if Scanner
import Foundation
import Testing

@Suite struct ToolTests {
  static let racy = "var names: [String] = []\n\nfunc add(_ name: String) {\n  names.append(name)\n}\n"

  @Test func noFindingsEndWithZero() throws {
    let directory = try TemporaryDirectory()
    try directory.write("let one = 1\n", "Sources/M/A.swift")
    let run = try runTool(["scan", "Sources"], in: directory.path)
    #expect(run.status == 0)
    #expect(run.output == "access-audit: no findings in 1 file, 1 line\n")
  }

  /// The version that the tool prints is the one in the README.
  @Test func versionIsTheReadmes() throws {
    let directory = try TemporaryDirectory()
    let run = try runTool(["--version"], in: directory.path)
    #expect(run.status == 0)
    let readme = try String(contentsOfFile: repositoryFile("README.md"), encoding: .utf8)
    let version = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(version.split(separator: ".").count == 3, "\(run.output)")
    #expect(readme.contains("from: \"\(version)\""))
  }

  @Test func findingsEndWithOne() throws {
    let directory = try TemporaryDirectory()
    try directory.write(ToolTests.racy, "Sources/M/A.swift")
    let run = try runTool(["scan"], in: directory.path)
    #expect(run.status == 1)
    #expect(run.output.hasPrefix("Sources/M/A.swift:4:3: warning: "))
    #expect(try runTool(["scan", "--fail-on", "error"], in: directory.path).status == 0)
  }

  @Test func wrongUsageEndsWithSixtyFour() throws {
    let directory = try TemporaryDirectory()
    try directory.write(ToolTests.racy, "A.swift")
    try directory.write("rules:\n  nonsense: off\n", "bad.yml")
    for arguments in [
      ["scan", "--format", "xml"], ["scan", "--no-such-flag"], ["scan", "NoSuchFolder"],
      ["scan", "--config", "bad.yml"], ["scan", "--config", "none.yml"], ["scan", "--baseline", "none.json"],
      ["scan", "--threads", "0"], ["scan", "--write"], ["scan", "--adopt", "--revert"], ["no-such-command"],
      ["rules", "no-such-rule"], ["instrument", "--verify", "true"], ["instrument", "--symbol", "No.such"],
    ] {
      let run = try runTool(arguments, in: directory.path)
      #expect(run.status == 64, "\(arguments): \(run.status) \(run.errors)")
      #expect(!run.errors.isEmpty, "\(arguments) says nothing")
    }
    let run = try runTool(["scan", "--config", "bad.yml"], in: directory.path)
    #expect(run.errors.contains("bad.yml:2: unknown rule 'nonsense'"))
  }

  @Test func unwritableOutputEndsWithSeventy() throws {
    let directory = try TemporaryDirectory()
    try directory.write(ToolTests.racy, "A.swift")
    let run = try runTool(["scan", "--output", "no/such/folder/report.txt"], in: directory.path)
    #expect(run.status == 70)
  }

  @Test func unparsableFilesAreReportedAndTheRestIsScanned() throws {
    let directory = try TemporaryDirectory()
    try directory.write(ToolTests.racy, "Good.swift")
    try directory.write("func broken( {\n  let = \n}}}\n", "Broken.swift")
    try Data([0x6C, 0xFF, 0xFE, 0x0A]).write(to: URL(fileURLWithPath: directory.path + "/Latin.swift"))
    let run = try runTool(["scan"], in: directory.path)
    #expect(run.status == 1)
    #expect(run.output.contains("Broken.swift:1:"))
    #expect(run.output.contains("could not be parsed in full"))
    #expect(run.output.contains("Latin.swift:1:1: problem: is not valid UTF-8"))
    #expect(run.output.contains("Good.swift:4:3: warning:"))
  }

  @Test func configurationBaselineAndOutputFiles() throws {
    let directory = try TemporaryDirectory()
    try directory.write(ToolTests.racy, "Sources/A.swift")
    try directory.write(ToolTests.racy.replacing("names", with: "others"), "Generated/B.swift")
    try directory.write("include: [Sources, Generated]\nexclude: [Generated]\n", ".access-audit.yml")
    let first = try runTool(["scan", "--format", "github", "--output", "report.txt"], in: directory.path)
    #expect(first.status == 1)
    #expect(first.output.isEmpty)
    #expect(directory.read("report.txt")?.hasPrefix("::warning file=Sources/A.swift,line=4") ?? false)
    #expect(try runTool(["scan", "--write-baseline", "known.json"], in: directory.path).status == 0)
    let second = try runTool(["scan", "--baseline", "known.json"], in: directory.path)
    #expect(second.status == 0)
    #expect(second.output == "access-audit: no findings; 1 suppressed in 1 file, 5 lines\n")
  }

  @Test func modulesDoNotMix() throws {
    let directory = try TemporaryDirectory()
    try directory.write("var shared: [Int] = []\n", "Sources/A/A.swift")
    try directory.write("func add() { shared.append(1) }\n", "Sources/B/B.swift")
    #expect(try runTool(["scan"], in: directory.path).status == 0)
    try directory.write("func add() { shared.append(1) }\n", "Sources/A/Deep/B.swift")
    #expect(try runTool(["scan"], in: directory.path).status == 1)
  }

  @Test func rulesAreListedAndExplained() throws {
    let list = try runTool(["rules"], in: "/tmp")
    #expect(list.status == 0)
    #expect(list.output.split(separator: "\n").count == 15)
    let one = try runTool(["rules", "two-guards"], in: "/tmp")
    #expect(one.output.hasPrefix("## two-guards\n"))
  }

  /// A file that is left out of the scan is never passed over in silence.
  @Test func whatIsNotScannedEndsWithSixtyFive() throws {
    let directory = try TemporaryDirectory()
    try directory.write("let one = 1\n", "Sources/M/A.swift")
    let nested = "func f() {" + String(repeating: "if a { ", count: 1000) + String(repeating: "}", count: 1000) + "}\n"
    try directory.write(nested, "Sources/M/C.swift")
    let run = try runTool(["scan", "Sources"], in: directory.path)
    #expect(run.status == 65, "\(run.status) \(run.output)")
    #expect(run.output.contains("C.swift"))
    #expect(run.errors.contains("not everything was scanned"))
  }
}
#endif
