// SPDX-License-Identifier: Apache-2.0
//
// Adoption: its text, that a second adoption changes nothing, and that the revert is exact.

#if Scanner
import AccessAuditScanner
import Foundation
import Testing

@Suite struct AdoptionTests {
  private func adopt(_ text: String, symbols: Set<String>? = nil) -> (text: String, plan: AdoptionPlan) {
    let plan = AdoptionPlan([SourceText(path: "A.swift", text: text)], symbols: symbols)
    return (plan.texts().first?.text ?? text, plan)
  }

  @Test(arguments: [
    ("var x: [String: Int] = [:]", "var x: AuditedDictionary<String, Int> = AuditedDictionary(label: \"C.x\")"),
    (
      "var x: [ String : [Int] ] = [:] // c",
      "var x: AuditedDictionary<String, [Int]> = AuditedDictionary(label: \"C.x\") // c"
    ),
    ("var x = [String: Int]()", "var x = AuditedDictionary<String, Int>(label: \"C.x\")"),
    ("var x: Set<Int> = [1, 2]", "var x: AuditedSet<Int> = AuditedSet([1, 2], label: \"C.x\")"),
    ("var x = Set<Int>()", "var x = AuditedSet<Int>(label: \"C.x\")"),
    ("var x: [Int]  =  []", "var x: AuditedArray<Int>  =  AuditedArray(label: \"C.x\")"),
    ("var x = [Int]()", "var x = AuditedArray<Int>(label: \"C.x\")"),
    ("var x = [Int](repeating: 0, count: 2)", "var x = AuditedArray([Int](repeating: 0, count: 2), label: \"C.x\")"),
    ("var x = [1, 2]", "var x = AuditedArray([1, 2], label: \"C.x\")"),
    ("var x = [\"a\": 1]", "var x = AuditedDictionary([\"a\": 1], label: \"C.x\")"),
    (
      "var x: Dictionary<String, Int> = .init()",
      "var x: AuditedDictionary<String, Int> = AuditedDictionary(label: \"C.x\")"
    ),
    (
      "var x: [Int: Int] = Dictionary(uniqueKeysWithValues: pairs)",
      "var x: AuditedDictionary<Int, Int> = AuditedDictionary(Dictionary(uniqueKeysWithValues: pairs), label: \"C.x\")"
    ),
    ("var x: [Int]? = nil", "@Audited(label: \"C.x\") var x: [Int]? = nil"),
    ("var x: [Int]?", "@Audited(label: \"C.x\") var x: [Int]? = nil"),
    ("private(set) var x: [Int] = []", "private(set) var x: AuditedArray<Int> = AuditedArray(label: \"C.x\")"),
  ])
  func declarations(before: String, after: String) {
    let result = adopt("/* head */\n\nfinal class C {\n  /// Doc.\n  \(before)\n\n}\n")
    #expect(
      result.text == "/* head */\n\nimport AuditedCollections\n\nfinal class C {\n  /// Doc.\n  \(after)\n\n}\n")
  }

  @Test(arguments: ["let x: [Int] = []", "var x: Int = 1", "var x: [Int] { [] }", "var x = make()"])
  func leavesOtherDeclarations(before: String) {
    let text = "final class C {\n  \(before)\n}\n"
    #expect(adopt(text).text == text)
  }

  @Test(arguments: [
    ("x[1] = 2", "x[1] = 2"), ("x = [:]", "x = AuditedDictionary(label: \"C.x\")"),
    ("x = other", "x = AuditedDictionary(other, label: \"C.x\")"),
    ("return x.count", "return x.count"), ("use(x)", "use(x.dictionary)"),
    ("let y = self.x", "let y = self.x.dictionary"), ("use(x.keys.sorted())", "use(x.keys.sorted())"),
    ("x = x.filter { $0.value > 1 }", "x = AuditedDictionary(x.dictionary.filter { $0.value > 1 }, label: \"C.x\")"),
    ("x.removeValue(forKey: 1)", "x.removeValue(forKey: 1)"),
    ("x = x", "x = AuditedDictionary(x.dictionary, label: \"C.x\")"),
  ])
  func uses(before: String, after: String) {
    let head = "import Foundation\nfinal class C {\n  var x: "
    let result = adopt("\(head)[Int: Int] = [:]\n  func f() {\n    \(before)\n  }\n}\n")
    let expected = head.replacing("Foundation\n", with: "Foundation\nimport AuditedCollections\n")
    #expect(
      result.text
        == "\(expected)AuditedDictionary<Int, Int> = AuditedDictionary(label: \"C.x\")\n  func f() {\n    \(after)\n  }\n}\n"
    )
  }

  @Test(arguments: [
    "change(&x)", "run { [x] in use(x) }", "if x[1] == 1 { x += y }", "(x, y) = (y, [])",
    "x = if y.isEmpty { [] } else { y }",
    "x.takeOne()", "x.someUnknownMember()", "use(\\C.x)", "other().x = []",
  ])
  func keepsTheTypeWhereAUseNeedsIt(use: String) {
    let text = "final class C {\n  var x: [Int] = []\n  func f() {\n    \(use)\n  }\n}\n"
    let result = adopt(text)
    #expect(result.text.contains("  @Audited(label: \"C.x\") var x: [Int] = []\n"))
    #expect(result.text.contains("    \(use)\n"))
    #expect(result.plan.candidates.map(\.form) == [.wrapper])
  }

  /// `Sendable` requires nothing, with whatever attribute it stands there.
  @Test(arguments: ["Sendable", "@unchecked Sendable", "@preconcurrency Sendable", "@unchecked Swift.Sendable"])
  func aConformanceToSendableRequiresNothing(conformance: String) {
    let text = "final class C: \(conformance) {\n  var x: [Int] = []\n}\n"
    #expect(adopt(text).text.contains("  var x: AuditedArray<Int> = AuditedArray(label: \"C.x\")\n"))
  }

  /// The attribute hides no protocol that requires the variable.
  @Test func aProtocolBehindAnAttributeRequires() {
    let text = "protocol P { var x: [Int] { get } }\nfinal class C: @preconcurrency P {\n  var x: [Int] = []\n}\n"
    #expect(adopt(text).text.contains("  @Audited(label: \"C.x\") var x: [Int] = []\n"))
  }

  @Test func onlyTheNamedOnes() {
    let text = "final class C {\n  var x: [Int] = []\n  var y: [Int] = []\n}\n"
    #expect(adopt(text, symbols: ["C.y"]).plan.candidates.map(\.symbol) == ["C.y"])
    #expect(adopt(text, symbols: []).text == text)
  }

  @Test func twiceIsOnce() {
    let once = adopt("import A  // why\n\nfinal class C {\n  var x: [Int] = []\n  var y: [Int]?\n}\n").text
    #expect(once.contains("import A  // why\nimport AuditedCollections\n"))
    #expect(adopt(once).text == once)
  }

  @Test func windowsLineEndingsStay() {
    let result = adopt("import A\r\nfinal class C {\r\n  var x: [Int] = []\r\n}\r\n").text
    #expect(
      result
        == "import A\r\nimport AuditedCollections\r\nfinal class C {\r\n"
        + "  var x: AuditedArray<Int> = AuditedArray(label: \"C.x\")\r\n}\r\n")
  }

  @Test func diffIsWhatPatchReads() throws {
    let directory = try TemporaryDirectory()
    let before = (1...40).map { "line \($0)" }.joined(separator: "\n")
    let after = before.replacing("line 3\n", with: "line three\nand\n").replacing("line 30\n", with: "")
      .replacing("line 40", with: "end\n")
    try directory.write(before, "f.txt")
    try directory.write(UnifiedDiff.render(before, after, path: "f.txt"), "d.patch")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "apply", "d.patch"]
    process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(directory.read("f.txt") == after)
  }

  @Test func revertPutsEveryByteBack() throws {
    let directory = try TemporaryDirectory()
    let texts = [
      "Sources/M/A.swift": "// Head.\r\n\r\nvar names: [String] = [ ]  // odd\r\nfunc add() { names.append(\"a\") }",
      "Sources/M/B.swift": "\tfinal class C {\n  var x : [Int:Int] = [:] ;func f() { x = [:]; print(x) }\n}\n",
    ]
    for (name, text) in texts { try directory.write(text, name) }
    let dry = try runTool(["instrument", "--all"], in: directory.path)
    #expect(dry.status == 0)
    #expect(dry.output.contains("+++ b/Sources/M/A.swift"))
    for (name, text) in texts { #expect(directory.read(name) == text) }
    #expect(try runTool(["scan", "--adopt", "--write"], in: directory.path).status == 0)
    #expect(directory.read("Sources/M/A.swift")?.contains("AuditedArray<String>") ?? false)
    #expect(directory.read("Sources/M/B.swift") == texts["Sources/M/B.swift"], "it has no finding")
    #expect(try runTool(["instrument", "--all", "--write"], in: directory.path).status == 0)
    #expect(directory.read("Sources/M/B.swift")?.contains("AuditedDictionary") ?? false)
    let shown = try runTool(["scan", "--revert"], in: directory.path)
    #expect(shown.output.contains("-import AuditedCollections"))
    #expect(directory.read("Sources/M/A.swift")?.contains("AuditedArray<String>") ?? false)
    #expect(try runTool(["scan", "--revert", "--write"], in: directory.path).status == 0)
    for (name, text) in texts { #expect(directory.read(name) == text) }
    #expect(directory.read(".access-audit-adopted.json") == nil)
  }

  /// Sources that are named by their whole path, from another folder.
  @Test func sourcesElsewhereAreWrittenAndReverted() throws {
    let (here, there) = (try TemporaryDirectory(), try TemporaryDirectory())
    let text = "final class C {\n  var x: [Int] = []\n}\n"
    try there.write(text, "Sources/M/A.swift")
    let run = try runTool(["instrument", there.path + "/Sources", "--all", "--write"], in: here.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(there.read("Sources/M/A.swift")?.contains("AuditedArray") ?? false)
    #expect(try runTool(["instrument", "--revert", "--write"], in: here.path).status == 0)
    #expect(there.read("Sources/M/A.swift") == text)
  }

  @Test func revertKeepsWhatWasEditedSince() throws {
    let directory = try TemporaryDirectory()
    try directory.write("final class C {\n  var x: [Int] = []\n  let a = 1\n}\n", "A.swift")
    #expect(try runTool(["instrument", "--all", "--write"], in: directory.path).status == 0)
    let adopted = try #require(directory.read("A.swift"))
    try directory.write(adopted.replacing("let a = 1", with: "let a = 2\n  let b = 3"), "A.swift")
    #expect(try runTool(["instrument", "--revert", "--write"], in: directory.path).status == 0)
    #expect(directory.read("A.swift") == "final class C {\n  var x: [Int] = []\n  let a = 2\n  let b = 3\n}\n")
  }

  @Test func whatDoesNotCompileIsTakenBack() throws {
    let directory = try TemporaryDirectory()
    let text = "final class C {\n  var x: [Int] = []\n  var y: [Int] = []\n}\n"
    try directory.write(text, "A.swift")
    // A compiler that rejects the audited type for x, and any change of y.
    let check = """
      if grep -q 'x: Audited' A.swift; then echo "$PWD/A.swift:4:3: error: no"; exit 1; fi
      if grep -q 'Audited.* y:\\|y: Audited' A.swift; then echo "A.swift:5:3: error: no"; exit 1; fi
      """
    try directory.write(check, "check.sh")
    let run = try runTool(["instrument", "--all", "--write", "--verify", "sh check.sh"], in: directory.path)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.hasSuffix("access-audit: 0 retyped, 1 watched by @Audited, 1 left alone\n"), "\(run.errors)")
    #expect(directory.read("A.swift")?.contains("@Audited(label: \"C.x\") var x: [Int] = []") ?? false)
    #expect(directory.read("A.swift")?.contains("  var y: [Int] = []") ?? false)
    #expect(try runTool(["instrument", "--revert", "--write"], in: directory.path).status == 0)
    #expect(directory.read("A.swift") == text)
  }

  /// The text has no import, so the adoption inserts two lines. An error names a line of the new
  /// text; only what is on that line is taken back.
  @Test(arguments: [(4, "x"), (5, "y"), (6, "z")])
  func onlyTheNamedLineIsTakenBack(line: Int, name: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "final class C {\n  var x: [Int] = []\n  var y: [Int] = []\n  var z: [Int] = []\n}\n", "A.swift")
    let check = "if grep -q '  var \(name):' A.swift; then echo \"A.swift:\(line):3: error: no\"; exit 1; fi\n"
    try directory.write(check, "check.sh")
    let run = try runTool(["instrument", "--all", "--write", "--verify", "sh check.sh"], in: directory.path)
    #expect(run.status == 0, "\(run.errors)")
    for other in ["x", "y", "z"] {
      let wrapped = directory.read("A.swift")?.contains("@Audited(label: \"C.\(other)\") var \(other)") ?? false
      #expect(wrapped == (other == name), "\(other)")
    }
    #expect(run.errors.hasSuffix("access-audit: 2 retyped, 1 watched by @Audited, 0 left alone\n"))
  }

  /// A use of a variable beside the end of an assigned value keeps the order of both edits.
  @Test func adjacentEditsKeepTheirOrder() {
    let result = adopt("final class C {\n  var x: [Int] = []\n  var y: [Int] = []\n  func f() { x = y }\n}\n")
    #expect(result.text.contains("x = AuditedArray(y.array, label: \"C.x\") }"))
  }
}
#endif
