// SPDX-License-Identifier: Apache-2.0
//
// Scans and adopts mutated sources: no text traps, and all places lie inside the text. The long
// form, ten minutes of the sequence that the seed begins (ACCESS_AUDIT_FUZZ_ROUNDS instead of
// FUZZ_SECONDS runs a number of rounds):
//   FUZZ_SECONDS=600 ACCESS_AUDIT_FUZZ_SEED=7 swift test --traits Tools --filter ScannerFuzzTests
// Before each round the text is written to a file; when a round ends the process, the file holds
// the cause.

#if Scanner
import AccessAuditScanner
import Foundation
import Testing

@Suite struct ScannerFuzzTests {
  @Test func mutatedSourcesNeverTrap() throws {
    let environment = ProcessInfo.processInfo.environment
    let seconds = environment["FUZZ_SECONDS"].flatMap { Double($0) }
    let rounds = environment["ACCESS_AUDIT_FUZZ_ROUNDS"].flatMap { Int($0) } ?? (seconds == nil ? 60 : Int.max)
    let end = seconds.map { ContinuousClock.now + .seconds($0) }
    let first = environment["ACCESS_AUDIT_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
    let corpus = try ScannerFuzzTests.corpus()
    try #require(corpus.count > 40)
    let file = NSTemporaryDirectory() + "access-audit-fuzz-\(ProcessInfo.processInfo.processIdentifier).swift"
    print("fuzzing from seed \(first); the text of the running round is in \(file)")
    var parsed = 0
    var done = 0
    while done < rounds, end.map({ ContinuousClock.now < $0 }) ?? true {
      let round = done
      done += 1
      let seed = first &* 1_000_003 &+ UInt64(round)
      var mutator = SourceMutator(seed: seed)
      let text = mutator.mutate(corpus[round % corpus.count], other: corpus[(round * 7 + 3) % corpus.count])
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      let source = SourceText(path: "Fuzz.swift", text: text)
      let report = AccessScanner(threads: 1).scan([source])
      for format in ReportFormat.allCases { _ = format.render(report) }
      for finding in report.findings {
        #expect(finding.place.line <= source.lineCount + 1, "seed \(seed)")
        #expect(finding.place.column <= source.line(finding.place.line).utf8.count + 1, "seed \(seed)")
      }
      if report.problems.isEmpty { parsed += 1 }
      let plan = AdoptionPlan([source], symbols: nil)
      for (source, adopted) in plan.texts() {
        _ = UnifiedDiff.render(source.text, adopted, path: source.path)
        var record = AdoptionRecord()
        record.add(path: source.path, before: source.text, after: adopted)
        #expect(AdoptionRecord.undo(record.files[0], in: adopted).text == source.text, "seed \(seed)")
      }
    }
    try FileManager.default.removeItem(atPath: file)
    print("\(done) rounds, \(parsed) of them without a syntax error")
    #expect(parsed < done, "the mutator breaks nothing")
  }

  @Test(arguments: ["(", "{ ", "a.", "!", "if x { } else ", "a + ", "{ () in ", "switch x { case 1: "])
  func deepNestingNeverTraps(piece: String) {
    for count in [100, 3_000] {
      let text = "class C { var a: [Int] = []; func f() { a.append(1); " + String(repeating: piece, count: count)
      #expect(scan(text).sources.count == 1)
    }
  }

  /// The parser's work doubles with each open square bracket. A child process scans, because the
  /// abandoned thread runs on until the process ends.
  @Test func squareBracketsAreGivenUpAndSaid() throws {
    let directory = try TemporaryDirectory()
    try directory.write("let a = " + String(repeating: "[", count: 100) + "\n", "A.swift")
    let run = try runTool(["scan"], in: directory.path)
    #expect(run.status == 65, "\(run.output)")
    #expect(run.output.contains("takes too long to be parsed; not scanned"))
  }

  /// A text that the mutator made: the parser's error recovery on it takes a debug build minutes.
  @Test func whatTheParserCannotFinishIsGivenUp() throws {
    let text = try String(
      contentsOfFile: repositoryFile("Tests/Benchmarks/ScannerSpeed/never-parsed.txt"), encoding: .utf8)
    let report = AccessScanner(threads: 2).scan([
      SourceText(path: "Slow.swift", text: text),
      SourceText(path: "Good.swift", text: "var names: [String] = []\nfunc add() { names.append(\"a\") }\n"),
    ])
    #expect(report.active.map(\.symbol) == ["names"])
    #expect(report.problems.map(\.place.path) == ["Slow.swift"])
    #if DEBUG
    #expect(report.problems.map(\.message) == ["takes too long to be parsed; not scanned"])
    #endif
  }

  /// The corpus and the scanner's own sources.
  static func corpus() throws -> [String] {
    var texts: [String] = []
    for folder in ["Tests/Fixtures/ScannerCorpus", "Sources/AccessAuditScanner"] {
      let files = try #require(FileManager.default.enumerator(atPath: repositoryFile(folder)))
      for case let name as String in files where name.hasSuffix(".swift") {
        texts.append(try String(contentsOfFile: repositoryFile(folder) + "/" + name, encoding: .utf8))
      }
    }
    return texts.sorted()
  }
}
#endif
