// SPDX-License-Identifier: Apache-2.0
//
// The text of a trial: lines that stay where they were, paths in a stream, errors of builds,
// outcomes of tests.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditScanner
import Foundation
import Testing

@Suite struct TrialTextTests {
  /// What `instrument` writes, with every line at its number.
  @Test(arguments: [
    "import Foundation // for JSON\n\nfinal class C { var list: [Int] = [] }\n",
    "// A header.\n\n/// A class.\nfinal class C {\n  var list: [Int] = []\n}",
    "final class C {\n  var list: [Int] = []\n}\n\n// Ends without a line feed",
    "#if os(Linux)\nimport Glibc\n#endif\nfinal class C { var list: [String] = []\n}\n",
    "import Foundation\r\nfinal class C {\r\n  var list: [Int] = []\r\n}\r\n",
  ])
  func linesStayWhereTheyWere(_ original: String) throws {
    let plan = AdoptionPlan([SourceText(path: "C.swift", text: original)], symbols: nil)
    let text = try #require(plan.texts().first).text
    let kept = try #require(LineKeeper.keepLines(of: original, in: text))
    let lines = original.last?.isNewline ?? false ? original.dropLast() : original[...]
    let before = lines.split(omittingEmptySubsequences: false) { $0.isNewline }
    let after = kept.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (number, line) in before.enumerated() where !line.contains("list") { #expect(after[number] == line) }
    #expect(after.filter { $0 == "import AuditedCollections" }.count == 1)
    #expect(after.contains { $0.contains("AuditedArray<") })
  }

  @Test func textsThatMoveLinesAreRefused() {
    #expect(LineKeeper.keepLines(of: "a\nb\n", in: "a\nb\n") == "a\nb\n")
    #expect(LineKeeper.keepLines(of: "a\nb\n", in: "a\nnew\nb\n") == nil)
    #expect(LineKeeper.keepLines(of: "a\nb\n", in: "import AuditedCollections\na\nnew\nb\n") == nil)
  }

  /// Wherever the stream is cut, also within the path.
  @Test func pathsAreReplacedInAnyPieces() {
    let text = Array("/a/b/x.swift:1 /a/c /a/b /a/b/b/a/a/b /a/".utf8)
    for first in 0...text.count {
      for second in first...text.count {
        var map = PathMap(from: "/a/b", to: "/o")
        let shown = map.map(text[..<first]) + map.map(text[first..<second]) + map.map(text[second...]) + map.finish()
        #expect(String(decoding: shown, as: UTF8.self) == "/o/x.swift:1 /a/c /o /o/b/a/o /a/")
      }
    }
    #expect(PathMap(from: "/a/b", to: "/a/b/c").map("/a/b /a/b") == "/a/b/c /a/b/c")
  }

  @Test func errorsAreFoundBelowTheFolder() {
    let output = """
      [3/9] Compiling M A.swift
      /o/v/Sources/M/A.swift:7:12: error: no
      /o/v/Sources/M/B.swift:2:1: note: declared here
      /o/v/Sources/M/C.swift:3:1: warning: unused
      /o/v/Sources/M/C.swift:4:1: note: of the warning
      /other/X.swift:1:1: error: elsewhere
      /o/v/Sources/M/A.swift:7:12: error: no
      """
    let places = BuildOutput.errors(in: output, root: "/o/v")
    #expect(places.map { "\($0.path):\($0.line)" } == ["Sources/M/A.swift:7", "Sources/M/B.swift:2"])
    #expect(BuildOutput.excerpt(output).count == 2)
    #expect(BuildOutput.isProgress("[3/9] Compiling M A.swift") && !BuildOutput.isProgress("[a] b"))
  }

  @Test func outcomesOfBothRunnersAreCounted() {
    var tally = TestTally()
    let output = """
      Test Case 'A.testOne' passed (0.1 seconds)
      Test Case 'A.testTwo' failed (0.1 seconds)
      \t Executed 2 tests, with 1 failure (0 unexpected) in 0.2 (0.2) seconds
      \t Executed 3 tests, with 1 failure (0 unexpected) in 0.2 (0.2) seconds
      ✘ Test works() failed after 0.001 seconds with 1 issue.
      ✔ Test other() passed after 0.001 seconds.
      ✘ Test run with 4 tests in 1 suite failed after 0.001 seconds with 1 issue.

      """
    for byte in output.utf8 { tally.read(CollectionOfOne(byte)) }
    #expect(tally.tests == 7 && tally.failed == ["A.testTwo", "works()"])
    #expect(tally.description == "2 of 7 tests failed")
    #expect(TestTally().description == "no tests")
  }

  @Test func targetsAreRead() throws {
    let text = """
      { "name": "p", "targets": [
        { "name": "M", "type": "library", "path": "Sources/M", "module_type": "SwiftTarget", "sources": ["B.swift", "A.swift"] },
        { "name": "C", "type": "library", "path": "Sources/C", "module_type": "ClangTarget", "sources": ["c.c"] },
        { "name": "T", "type": "test", "path": ".", "module_type": "SwiftTarget", "sources": ["T.swift"] },
        { "name": "X", "type": "macro", "path": "Sources/X", "module_type": "SwiftTarget", "sources": [] } ] }
      """
    let targets = try #require(PackageTarget.read(Data(text.utf8)))
    #expect(targets.map(\.name) == ["M", "T", "X"])
    #expect(targets[0].sources == ["Sources/M/A.swift", "Sources/M/B.swift"] && targets[1].sources == ["T.swift"])
    #expect(targets.filter(\.isInstrumented).map(\.name) == ["M"])
    #expect(PackageTarget.read(Data("error".utf8)) == nil)
  }
}

@Suite struct TryUsageTests {
  @Test func wrongUsageEndsWithSixtyFour() throws {
    let directory = try TemporaryDirectory()
    try directory.write("// swift-tools-version: 6.0\n", "p/Package.swift")
    try directory.write(
      "enum V { static var text: String { \"0.0.1\" } }", "l/Sources/AccessTerms/PackageVersion.swift")
    let cases: [(arguments: [String], says: String)] = [
      (["try"], "is no package"), (["try", "--package-path", "p", "--tests", "--product", "x"], "exclude each other"),
      (["try", "--package-path", "p", "--rounds", "0"], "--rounds"),
      (["try", "--package-path", "p", "--on-violation", "halt"], "--on-violation"),
      (["try", "--package-path", "p", "--baseline", "none.json"], "none.json"),
      (["try", "--package-path", "p", "--library", "p"], "is no checkout of swift-access-audit"),
      (["try", "--package-path", "p", "--library", "l"], "of version 0.0.1"),
    ]
    for (arguments, says) in cases {
      let run = try runTool(arguments, in: directory.path)
      #expect(run.status == 64 && run.errors.contains(says), "\(arguments): \(run.status) \(run.errors)")
    }
  }

  /// A manifest that does not compile is the package's own error, and its folder is left as it
  /// was.
  @Test func manifestsThatDoNotCompileEndWithOne() throws {
    let directory = try TemporaryDirectory()
    try directory.write("// swift-tools-version: 6.0\nimport PackageDescription\nlet package = Pack\n", "Package.swift")
    let run = try runTool(["try"], in: directory.path)
    #expect(run.status == 1 && run.errors.contains("Pack"), "\(run)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { !$0.hasPrefix(".") } == [
        "Package.swift"
      ])
    // A folder that cannot be written.
    let blocked = try runTool(["try", "--work-path", "/proc/none"], in: directory.path)
    #expect(blocked.status == 70, "\(blocked)")
  }
}
#endif
