// SPDX-License-Identifier: Apache-2.0
//
// Whole reports, their destinations, and the end of the process.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct ReportTests {
  /// The text of a whole report, line by line.
  @Test func text_hasTheWholeShape() throws {
    let outcome = try Program.race.run(["observed"], audit: "on_violation=report wait_ms=20000")
    let frame = #"    #\d+ [^\n]+\n|      [> ] +\d+ \|[^\n]*\n|    (in task|on queue) [^\n]+\n"#
    let pattern =
      #"^={18}\nfatal error: concurrent dictionary writes\n"#
      + #"AccessAudit: write by thread \d+( '[^'\n]+')? while thread \d+( '[^'\n]+')? is writing \(pid=\d+\)\n\n"#
      + #"  Write \(subscript\.set\) by thread \d+( '[^'\n]+')?:\n"#
      + #"    #0 closure #\d in static ReportScenarios\.overlapOnce\(label:\) ReportScenarios\.swift:\d+:\d+ \(race-programs\)\n"#
      + "(\(frame))+" + #"\n  Write \(subscript\.set\) in progress by thread \d+( '[^'\n]+')?:\n"#
      + #"    #0 closure #\d in static ReportScenarios\.overlapOnce\(label:\) ReportScenarios\.swift:\d+:\d+ \(race-programs\)\n"#
      + "(\(frame))+"
      + #"\n  Dictionary AuditedDictionary<GatedKey<Int>, Int> 'observed'(, \d+ elements?)?, created by thread \d+[^\n]* at:\n"#
      + #"    #0 (specialized )?static ReportScenarios\.overlapOnce\(label:\) ReportScenarios\.swift:\d+:\d+ \(race-programs\)\n"#
      + "(\(frame))*"
      + #"\n  Recent accesses, newest first:\n(    (write|read ) [^\n]+ by thread \d+[^\n]*, (less than )?\d+ ms ago, [^\n]+\n)+"#
      + #"\n  Overlap: ([^\n]*; )?this pair was seen once\n"#
      + #"  Traffic: 0 reads and 2 writes begun within [^\n]+; 3 threads touched it, [^\n]+\n"#
      + #"(  Seed: \d+\n)?"# + #"  Lost: nothing\n"#
      + #"  Next: [^\n]+ See '[^\n]+\.\n  Source: /[^\n]+ReportScenarios\.swift:\d+:\d+\n"#
      + #"SUMMARY: AccessAudit: concurrent dictionary writes ReportScenarios\.swift:\d+:\d+ in closure [^\n]+\n"#
      + #"={18}\nAccessAudit: reported 1 violation, seen [\d,]+ times?\n$"#
    let range = outcome.errors.range(of: pattern, options: .regularExpression)
    #expect(range == outcome.errors.startIndex..<outcome.errors.endIndex, outcome.summary)
    #expect(outcome.output == "observed concurrent-writes on observed\nfinished with 1 violations\n", outcome.summary)
  }

  @Test func repeated_isReportedOnceAndCounted() throws {
    let outcome = try Program.race.run(
      ["repeated"], audit: "on_violation=report wait_ms=20000", collectingReports: true)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.violations.count == 1, outcome.summary)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 2 && lines.last == "AccessAudit: reported 1 violation, seen 20 times", outcome.summary)
    #expect(outcome.output == "finished with 1 violations\n")
  }

  #if DEBUG
  // Optimised builds merge functions that differ in a number, and their places with them.

  /// One race that was seen by either side and reached through several callers: one report.
  @Test func onePairOfPlaces_isOneReport() throws {
    let outcome = try Program.race.run(
      ["one-race-by-many-ways"], audit: "on_violation=report wait_ms=20000", collectingReports: true)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.violations.count == 1, outcome.summary)
    #expect(outcome.errors.hasSuffix("AccessAudit: reported 1 violation, seen 4 times\n"), outcome.summary)
    #expect(outcome.output == "finished with 1 violations\n", outcome.summary)
  }

  /// Several races are counted each at the end.
  @Test func races_areCountedAtTheEnd() throws {
    let outcome = try Program.race.run(["two-races"], audit: "on_violation=report wait_ms=20000")
    #expect(outcome.status == 66, outcome.summary)
    let counts = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("AccessAudit: seen ") }
    #expect(counts.count == 2, outcome.summary)
    #expect(counts.first?.hasPrefix("AccessAudit: seen 3 times: concurrent dictionary writes on ") == true)
    #expect(counts.last?.hasPrefix("AccessAudit: seen once: concurrent dictionary writes on ") == true)
  }
  #endif

  /// The accessors that the compiler made for a variable are no place of the program's.
  @Test func variable_hasThePlacesOfItsCallers() throws {
    let outcome = try Program.race.run(
      ["two-races-on-a-variable"], audit: "on_violation=report wait_ms=20000", collectingReports: true)
    #expect(outcome.status == 66, outcome.summary)
    #expect(outcome.violations.count == 2, outcome.summary)
    // An optimised build says of some functions that they are specialised.
    let places = outcome.violations.flatMap { $0.accesses.map { $0.location?.symbol?.split(separator: ".").last } }
    #expect(Set(places) == ["begin(_:)", "replace(_:)", "read(_:)"], outcome.summary)
    #expect(outcome.errors.hasSuffix("AccessAudit: reported 2 violations, seen 3 times\n"), outcome.summary)
  }

  /// The line on stderr beside files: what was seen, both places, and the file.
  @Test func file_isAnnouncedOnStderr() throws {
    let outcome = try Program.race.run(["write-write-subscript"], audit: "on", collectingReports: true)
    let pattern =
      #"^AccessAudit: concurrent dictionary writes on AuditedDictionary<[^\n]+: OverlapScenarios\.swift:\d+ [^\n]+"#
      + #" and OverlapScenarios\.swift:\d+ [^\n]+; report: /[^\n]+\.1\.txt, /[^\n]+\.1\.json\n$"#
    #expect(outcome.errors.range(of: pattern, options: .regularExpression) != nil, outcome.summary)
  }

  /// A folder is made, and its files are visible.
  @Test func folder_isMadeForReports() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("races-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let outcome = try Program.race.run(["write-write-subscript"], audit: "log_path='\(folder.path)/new/'")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new")
    #expect(names.count == 1 && names[0].hasPrefix("access-audit.") && names[0].hasSuffix(".1.txt"), outcome.summary)
    #expect(outcome.errors.contains("; report: \(folder.path)/new/access-audit."), outcome.summary)
  }

  /// On a stream a JSON report is one line, with what log pipelines look for at its top.
  @Test func json_isOneLineOnAStream() throws {
    let outcome = try Program.race.run(
      ["write-write-subscript"], audit: "log_format=json", environment: ["OTEL_SERVICE_NAME": "shop"])
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 1, outcome.summary)
    let line = Data(try #require(lines.first).utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    #expect(object["schema"] as? String == "access-audit/1" && object["level"] as? String == "error")
    #expect(object["service"] as? String == "shop" && object["version"] as? String == AccessAudit.version)
    #expect(object["host"] as? String == ProcessInfo.processInfo.hostName)
    let violation = try JSONDecoder().decode(Violation.self, from: line)
    #expect(object["time"] as? String == violation.process.time)
  }

  /// The trace is asked for on the thread that saw the violation.
  @Test func traceID_isThatOfTheDetectingSide() throws {
    let outcome = try Program.race.run(
      ["traced"], audit: "on_violation=report wait_ms=20000", collectingReports: true)
    let violation = try #require(outcome.violations.first)
    #expect(violation.detected.traceID == "trace of thread \(violation.detected.thread?.id ?? 0)", outcome.summary)
    #expect(violation.conflicting.traceID == nil)
  }

  @Test func exitcode_replacesTheSignal() throws {
    let halted = try Program.race.run(["write-write-subscript"], audit: "exitcode=3")
    #expect(halted.status == 3 && halted.signal == nil, halted.summary)
    #expect(halted.errors.hasSuffix("==================\n"))
    let reported = try Program.race.run(
      ["write-write-subscript"], audit: "on_violation=report wait_ms=20000 exitcode=0")
    #expect(reported.status == 0 && reported.signal == nil, reported.summary)
  }

  @Test func files_areCompleteUnderHalt() throws {
    let outcome = try Program.race.run(["write-write-subscript"], audit: "on", collectingReports: true)
    #expect(outcome.signal == 6, outcome.summary)
    #expect(outcome.errors.split(separator: "\n").count == 1, outcome.summary)
    #expect(outcome.violations.count == 1)
    #expect(outcome.reportFiles.map(\.pathExtension) == ["json", "txt"])
  }

  @Test func unwritableFile_fallsBackToStderr() throws {
    let outcome = try Program.race.run(["write-write-subscript"], audit: "log_path=/no/such/folder/report")
    #expect(outcome.signal == 6, outcome.summary)
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.first?.hasPrefix("AccessAudit: warning: cannot write '/no/such/folder/report.") == true, outcome.summary)
    #expect(lines.filter { $0.contains("warning") }.count == 1)
    #expect(outcome.errors.contains("fatal error: concurrent dictionary writes"), outcome.summary)
  }

  /// A label cannot break out of the text, the terminal or the JSON.
  @Test func hostileLabel_isEscaped() throws {
    let text = try Program.race.run(["hostile-label"], audit: "on_violation=report wait_ms=20000")
    #expect(!text.errors.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || $0.value == 0x202E }, text.summary)
    #expect(text.errors.contains(#"'a"b\c\u{1b}[31mred\u{7}\u{a}new line \u{202e}reversed'"#), text.summary)
    let json = try Program.race.run(
      ["hostile-label"], audit: "on_violation=report wait_ms=20000", collectingReports: true)
    #expect(json.violations.first?.container.label == "a\"b\\c\u{1B}[31mred\u{7}\nnew line \u{202E}reversed")
  }

  @Test func suppressed_isNotReported() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("suppressions-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    for rule in ["race:OverlapScenarios.firstWriter", "race_top:*writeWrite*", "dictionary:^raced$"] {
      try "# known\n\(rule)\nmutex:whatever\nnonsense\n".write(to: file, atomically: true, encoding: .utf8)
      for policy in ["halt", "report"] {
        // The held thread would wait for a report that never comes, so this overlap ends by itself.
        let outcome = try Program.race.run(
          ["suppressible"], audit: "on_violation=\(policy) wait_ms=20000 suppressions='\(file.path)'")
        #expect(outcome.status == 0 && outcome.signal == nil, outcome.summary)
        #expect(!outcome.errors.contains("fatal error"), outcome.summary)
        #expect(outcome.errors.contains("matched 1 suppression"), outcome.summary)
        #expect(outcome.errors.contains(":3: type 'mutex' is not for this tool; skipped"), outcome.summary)
        #expect(outcome.errors.contains(":4: 'nonsense' is not of the form type:pattern; skipped"), outcome.summary)
      }
    }
  }

  @Test func statistics_countEachAccessOnce() throws {
    let outcome = try Program.race.run(["statistics-of-races"], audit: "on_violation=report wait_ms=20000")
    #expect(
      outcome.output == """
        raced reads 0 writes 2
        copied reads 0 writes 0
        all writes 3
        finished with 1 violations

        """, outcome.summary)
  }

  @Test func statistics_count() throws {
    let outcome = try Program.race.run(["statistics"], audit: "1")
    #expect(
      outcome.output.hasPrefix("type AuditedDictionary<String, Int>\nwrites 50 reads 25 threads 1\npeak 50\n"),
      outcome.summary)
  }
}

@Suite(.serialized)
struct ExampleTests {
  @Test(.enabled(if: isAuditedBuild)) func wordCount_racedHalts_fixedEndsClean() throws {
    // The overlap of the threads is left to chance; the end of a run is not.
    var hasReported = false
    for _ in 0..<100 where !hasReported {
      let raced = try Program.wordCount.run([], audit: "1")
      hasReported = raced.signal == 6
      if hasReported {
        #expect(
          raced.errors.contains("SUMMARY: AccessAudit: concurrent dictionary writes Counters.swift"), raced.summary)
      } else {
        #expect(raced.signal == nil && raced.status == 0, raced.summary)
      }
    }
    #expect(hasReported)
    let fixed = try Program.wordCount.run(["--fixed"], audit: "1")
    #expect(fixed.status == 0 && fixed.errors.isEmpty && fixed.output.contains(" distinct, in "), fixed.summary)
  }

  @Test(arguments: [["--threads"], ["--threads", "0"], ["--threads", "x"], ["--nonsense"]])
  func wordCount_refusesBadArguments(_ arguments: [String]) throws {
    let outcome = try Program.wordCount.run(arguments, audit: nil)
    #expect(outcome.status == 64 && outcome.errors.contains("usage: word-count"), outcome.summary)
  }
}
