// SPDX-License-Identifier: Apache-2.0
//
// From a running program to a decision: the option `trace`, and the tool on what it has written.

#if AUDITED && canImport(Glibc)

import AccessTerms
import Foundation
import Testing

@testable import AccessTraffic

@Suite(.serialized)
struct RecordingProgramTests {
  private func run(_ program: String, _ arguments: [String], _ options: String = "") throws -> TestedProgram.Run {
    try TestedProgram.run(program, arguments, options)
  }

  private func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("traffic-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appendingPathComponent("recording").path)
  }

  @Test func program_isRecordedToItsEnd() throws {
    try inFolder { path in
      let run = try run("race-programs", ["silent-lock"], "trace='\(path)' hunt=off")
      #expect(run.status == 0, "\(run)")
      let report = try TrafficSummary.report(of: path)
      let group = try #require(report.groups.first)
      #expect(report.problems.isEmpty && report.executable?.hasSuffix("race-programs") == true)
      #expect(group.threads.count >= 2 && group.writes > 0 && group.distinctKeys > 0)
      #expect(group.sites.contains { $0.place.contains(".swift:") })
      // What the program made, the file or its count of losses has.
      let counted = try #require(run.errors.firstMatch(of: /violations in (?:at least )?([\d,]+) access/)).1
      let accesses = try #require(UInt64(counted.filter { $0 != "," }))
      #expect(report.accesses + report.lost >= accesses, "\(run.errors)")
    }
  }

  /// A program that ends by a violation leaves all but what its threads were in the middle of.
  @Test func programThatHalts_leavesAReadableFile() throws {
    try inFolder { path in
      let run = try run("race-programs", ["write-write-subscript"], "trace='\(path)'")
      #expect(run.status == SIGABRT && run.errors.contains("fatal error: concurrent dictionary writes"))
      let report = try TrafficSummary.report(of: path)
      #expect(report.problems.isEmpty, "\(report.problems)")
    }
  }

  @Test func fullDisk_endsTheRecordingOnly() throws {
    let run = try run("race-programs", ["silent-lock"], "trace=/dev/full")
    #expect(run.status == 0, "\(run)")
    let lines = run.errors.split(separator: "\n").filter { $0.contains("recording") }
    #expect(
      lines == ["AccessAudit: warning: the recording of accesses to '/dev/full' has ended: No space left on device"])
    let other = try self.run("race-programs", ["silent-lock"], "trace=/nowhere/at/all")
    #expect(other.status == 0 && other.errors.contains("has ended: No such file or directory"), "\(other)")
  }

  /// What an earlier recording has left beside the file is no part of a new one.
  @Test func newRecording_removesTheFileOfAnEarlierOne() throws {
    try inFolder { path in
      try Data("of an earlier recording".utf8).write(to: URL(fileURLWithPath: path + ".1"))
      _ = try run("race-programs", ["silent-lock"], "trace='\(path)' hunt=off trace_size=1")
      // Some 300 kilobytes: the first file was not full, so nothing of the earlier one is left.
      #expect(!FileManager.default.fileExists(atPath: path + ".1"))
      let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
      #expect(size > 1_000 && size < 1 << 20)
    }
  }

  #if ReportTools
  /// A recording of more than its size: the file begins anew, and what it was stands beside it.
  @Test func longRecording_isRotated() throws {
    try inFolder { path in
      let run = try run(
        "access-audit-load",
        [
          "threshold-run", "--threads", "1", "--read-percent", "50", "--reading", "get", "--writing", "set",
          "--accesses", "400000", "--keys", "100", "--seed", "1",
        ], "trace='\(path)' hunt=off trace_size=1 on_violation=report")
      #expect(run.status == 0, "\(run)")
      let sizes = try [path, path + ".1"].map {
        try #require(try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int)
      }
      // The older file is full, and neither is longer than half by more than a round.
      #expect(sizes[1] >= 1 << 19 && sizes.allSatisfy { $0 < 3 << 18 }, "\(sizes)")
      let reader = TrafficReader()
      try reader.read(path) { _ in }
      // The program ends by `_exit`, which nobody sees; all before is whole.
      #expect(reader.problems.count == 1 && reader.problems[0].contains("did not end"), "\(reader.problems)")
      #expect((20_000..<400_000).contains(reader.accesses), "\(reader.accesses)")
    }
  }

  @Test func tool_goesFromTrafficToADecision() throws {
    try inFolder { path in
      _ = try run("race-programs", ["silent-lock"], "trace='\(path)' hunt=off")
      let text = try run("access-audit", ["traffic", path])
      #expect(text.status == 0 && text.output.contains("accesses of '") && text.output.contains("duration of writes"))
      let page = path + ".html"
      let written = try run("access-audit", ["traffic", path, "--format", "html", "--output", page])
      #expect(written.status == 0 && written.output.isEmpty && written.errors.isEmpty, "\(written)")
      #expect(try String(contentsOfFile: page, encoding: .utf8).hasPrefix("<!doctype html>"))
      let json = try run("access-audit", ["traffic", path, "--format", "json"])
      let report = try JSONDecoder().decode(TrafficReport.self, from: Data(json.output.utf8))
      #expect(try report == TrafficSummary.report(of: path))
      let csv = try run("access-audit", ["traffic", path, "--format", "csv"])
      #expect(csv.output.split(separator: "\n").count == report.groups.count + 1)
      let advice = try run("access-audit", ["advise", path])
      #expect(advice.status == 0 && advice.output.contains("Costs: ") && advice.output.contains("measured on: "))
      let answer = try run("access-audit", ["advise", path, "--format", "json"])
      #expect(try JSONDecoder().decode(AdviceReport.self, from: Data(answer.output.utf8)) == AdviceReport(report))
    }
  }

  @Test func tool_refusesWhatItCannotRead() throws {
    for arguments in [
      ["traffic", "/nowhere"], ["traffic", "/dev/null"], ["traffic", "/tmp"], ["advise", "/dev/null"], ["traffic"],
      ["traffic", "/dev/null", "--format", "pdf"],
    ] {
      let run = try run("access-audit", arguments)
      #expect(run.status == 64 && run.output.isEmpty && !run.errors.isEmpty, "\(arguments): \(run)")
    }
  }
  #endif
}

#endif
