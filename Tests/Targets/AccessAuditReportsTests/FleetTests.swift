// SPDX-License-Identifier: Apache-2.0
//
// Reports in the lines of logs: found wherever a collector has put them, merged across machines and
// builds, and bounded whatever comes.

#if REPORTS && canImport(Glibc)

@testable import AccessAuditReports
import AccessReports
import Foundation
import Testing

struct FleetTests {
  private func violation(_ change: (inout Violation) -> Void = { _ in }) throws -> Violation {
    var violation = try GoldenTests.reports()[0].violation
    change(&violation)
    return violation
  }

  private func line(_ violation: Violation) -> String { String(JSONRenderer.line(violation).dropLast()) }

  private func read(_ lines: [String]) -> FleetMerge {
    var merge = FleetMerge()
    for line in lines { Array(line.utf8).withUnsafeBytes { merge.read(line: $0) } }
    return merge
  }

  private func quoted(_ text: String) -> String { JSONValue.quoted(text) }

  @Test func reports_areFoundWhereverTheyStand() throws {
    let report = line(try violation())
    let indented = JSONRenderer.render(try violation()).replacing("\n", with: " ")
    let lines = [
      report, "2026-11-27T08:00:00.1Z stdout F \(report)", "[pod/shop-1/shop] \(report) and more",
      #"{"stream": "stdout", "log": \#(quoted(report + "\n"))}"#,
      #"{"labels": {"app": "shop"}, "line": \#(quoted("shop: " + report)), "timestamp": "1"}"#,
      #"{"a": [{"message": \#(quoted(#"{"log": \#(quoted(report))}"#))}]}"#, #"{"wrapped": \#(report)}"#, indented,
    ]
    for (index, line) in lines.enumerated() {
      let merge = read([line])
      #expect(merge.reports == 1 && merge.broken == 0, "\(index): \(merge.notes)")
    }
    #expect(ViolationMerge.merge(read(lines).loaded).count == 1)
  }

  @Test func otherLines_arePassedOver() {
    let merge = read([
      "", "plain", "{", "{}", "}{", "\"", #"{"a": 1}"#, "access-audit: 0 violations", #"{"schema": "other"}"#,
      #"{"message": "access-audit: started"}"#,
    ])
    #expect(merge.reports == 0 && merge.broken == 0 && merge.lines == 10, "\(merge.notes)")
  }

  @Test func cutReports_areCounted() throws {
    let report = line(try violation())
    let merge = read([
      String(report.prefix(500)), report, #"{"schema":"access-audit/1"}"#, #"{"schema":"access-audit/9"}"#,
    ])
    #expect(merge.reports == 1 && merge.broken == 3, "\(merge.notes)")
    #expect(merge.firstReason.hasPrefix("line 1: "))
  }

  @Test func machinesAndBuilds_areCounted() throws {
    var lines: [String] = []
    for host in 0..<5 {
      for pid in 0..<3 {
        lines.append(
          line(
            try violation {
              $0.process.host = "h\(host)"
              $0.process.pid = Int32(pid)
              $0.process.time = "2026-01-0\(host + 1)T00:00:00.000Z"
              $0.timesSeen = 2
              let name = String($0.process.executable.split(separator: "/").last ?? "")
              let image =
                #"[{"name": "\#(name)", "path": "/p", "buildID": "\#(host < 2 ? "aa" : "bb")", "begin": "0x0"}]"#
              $0.images = try? JSONDecoder().decode([Violation.Image].self, from: Data(image.utf8))
            }))
      }
    }
    let merged = try #require(ViolationMerge.merge(read(lines + lines.prefix(1)).loaded).first)
    let fleet = try #require(merged.fleet)
    #expect(merged.timesSeen == 32 && fleet.processes == 15 && !fleet.isLowerBound)
    #expect(fleet.hosts.map(\.name) == ["h0", "h1", "h2", "h3", "h4"] && fleet.hosts[0].timesSeen == 8)
    #expect(fleet.builds.map(\.name) == ["bb", "aa"] && fleet.builds[0].first == "2026-01-03T00:00:00.000Z")
    #expect(merged.report.process.host == "h4")
    let text = ReportForm.text.render([merged])
    #expect(
      text.contains("seen 32 times in 15 processes on 5 hosts (h0 8, h1 6, h2 6, …), 2 builds (bb 18, aa 14):"),
      "\(text)")
    let json = ReportForm.json.render([merged])
    let again = try ReportFile.reports(in: Array(json.utf8), file: "a")
    #expect(again.count == 1 && again[0].timesSeen == 32)
  }

  @Test func races_stayApart() throws {
    let other = line(try violation { $0.container.label = "other" })
    let merge = read([line(try violation()), other, other])
    #expect(ViolationMerge.merge(merge.loaded).map(\.timesSeen).count == 2)
  }

  /// Lines in any pieces, the last one without an end, and one that is too long.
  @Test func descriptors_areReadToTheirEnd() throws {
    let report = line(try violation())
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("lines-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let long = String(repeating: "x", count: FleetMerge.lineLimit + (1 << 19))
    let text = ["first", report, "", long, report, String(repeating: "y", count: 300_000) + report].joined(
      separator: "\n")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    var merge = FleetMerge()
    try merge.read(descriptor: descriptor)
    #expect(merge.lines == 6 && merge.reports == 3 && merge.broken == 1, "\(merge.notes)")
  }

  @Test func memory_isBounded() throws {
    var merge = FleetMerge()
    var violation = try violation()
    for number in 0..<(FleetTally.nameLimit + 50) {
      violation.process.host = "h\(number)"
      merge.add(LoadedReport(violation: violation, file: "a"))
    }
    let fleet = try #require(ViolationMerge.merge(merge.loaded).first?.fleet)
    #expect(fleet.hosts.count == FleetTally.nameLimit && fleet.isLowerBound)
    for number in 0...FleetMerge.raceLimit {
      violation.container.label = "l\(number)"
      merge.add(LoadedReport(violation: violation, file: "a"))
    }
    #expect(merge.dropped == 2 && merge.loaded.count == FleetMerge.raceLimit)
  }
}

#endif
