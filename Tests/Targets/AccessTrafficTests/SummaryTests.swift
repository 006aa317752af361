// SPDX-License-Identifier: Apache-2.0
//
// What traffic comes to: the sums, the sketches within their errors, and the outputs with hostile
// names.

#if REPORTS && canImport(Glibc)

import AccessTerms
import Foundation
import Testing

@testable import AccessTraffic

struct SummaryTests {
  @Test func sums_areThoseOfTheTraffic() throws {
    let report = try Traffic(accesses: 10_000, threads: 3, readShare: 0.9, perSecond: 10_000, keys: 500).recording()
      .report()
    let group = try #require(report.groups.first)
    #expect(report.groups.count == 1 && report.accesses == 10_000 && report.problems.isEmpty && report.pid == 77)
    #expect(group.reads + group.writes == 10_000 && abs(group.readShare - 0.9) < 0.02)
    #expect(group.threads.map(\.id).sorted() == [100, 101, 102])
    #expect(abs(group.distinctKeys - 500) <= 25 && group.largestSize == 100)
    #expect(abs(group.perSecond - 10_000) < 100 && group.readDurations.quantile(0.5) <= 127)
    #expect(group.sites.first?.place == "Shop.look(_:) Shop.swift:3" && group.operations.count == 2)
    #expect(group.contention.overlapping == 0 && group.contention.changes > 5_000)
    #expect(group.timeLine.reads.reduce(0, +) == group.reads && group.timeLine.reads.count <= 128)
  }

  @Test func contention_isSeenBetweenThreads() throws {
    var recording = Recording()
    recording.define(1, label: "orders", type: "T")
    func access(_ time: UInt64, _ thread: Int32, _ flags: TrafficFormat.Flags = []) -> TrafficAccess {
      TrafficAccess(
        flags: flags, operation: 3, time: time, collection: 1, thread: thread, duration: 100, key: 0, count: 0, site: 0,
        task: 0)
    }
    recording.add([
      access(1_000, 1, .writing), access(1_050, 2), access(1_100, 2), access(5_000, 1), access(50_000_000, 2),
      access(50_000_050, 1),
    ])
    recording.end()
    let contention = try #require(try recording.report().groups.first).contention
    #expect(
      contention
        == TrafficReport.Contention(overlapping: 2, overlappingWrites: 1, near: 1, nearWrites: 0, changes: 4))
  }

  @Test(arguments: [10, 1_000, 20_000, 300_000]) func distinctCount_isNearTheTruth(_ number: Int) {
    var count = DistinctCount()
    for value in 0..<number { count.add(UInt64(value) &* 0x1234_5677) }
    // Four standard errors.
    #expect(abs(Double(count.estimate) / Double(number) - 1) < 0.065)
  }

  @Test func frequentNumbers_areFound() {
    var numbers = FrequentNumbers()
    for round in 0..<20_000 {
      numbers.add(UInt32(truncatingIfNeeded: round) &* 2_654_435_761)
      if round % 4 == 0 { numbers.add(7) }
      if round % 10 == 0 { numbers.add(8) }
    }
    let top = numbers.top(10)
    #expect(top.map(\.number) == [7, 8] && abs(Int(top[0].count) - 5_000) < 500)
  }

  @Test func spread_hasItsQuantilesWithinAClass() {
    var spread = Spread()
    for number in 1...10_000 { spread.add(UInt64(number)) }
    for share in [0.01, 0.5, 0.9, 0.99] {
      let found = Double(spread.quantile(share))
      #expect(found >= share * 10_000 && found <= share * 10_000 * 1.26)
    }
    #expect(spread.greatest == 10_000 && Spread().quantile(0.5) == 0 && abs(spread.mean - 5_000.5) < 0.01)
    for number in [0, 1, 3, 4, 5, 7, 8, 1 << 20, UInt64.max] {
      var one = Spread()
      one.add(number)
      let index = one.classes.count - 1
      #expect(Spread.lowerBound(index) <= number && (number == .max || Spread.lowerBound(index + 1) > number))
    }
  }

  @Test func lifetimes_areThoseOfTheKeys() {
    var lifetimes = KeyLifetimes()
    for key in 0..<50_000 as Range<UInt32> {
      lifetimes.insert(key, of: 1, at: UInt64(key) * 10)
      if key >= 100 { lifetimes.remove(key - 100, of: 1, at: UInt64(key) * 10) }
    }
    #expect(lifetimes.spread.greatest == 1_000 && lifetimes.spread.count > 1_000 && lifetimes.living <= 4_096)
  }

  /// The names of a file come from a program that nobody vouches for.
  @Test func hostileNames_changeNoOutput() throws {
    let hostile = "</style><script>alert(1)</script>\"'&\u{1B}[31m\u{202E}\n=1+1"
    let recording = Traffic(label: hostile, type: "<img src=x onerror=alert(1)>", accesses: 50).recording()
    let report = try recording.report()
    #expect(!report.html.contains("<script") && !report.html.contains("<img") && !report.html.contains("\u{202E}"))
    for text in [report.text, report.csv, report.html] { #expect(!text.contains("\u{1B}")) }
    let rows = report.csv.split(separator: "\n")
    #expect(rows.count == 2)
    #expect(!report.html.contains("http:") && !report.html.contains("https:") && !report.html.contains("<script"))
    #expect(report.html.contains("<svg") && report.html.contains("prefers-color-scheme: dark"))
    let decoded = try JSONDecoder().decode(TrafficReport.self, from: Data(report.json.utf8))
    #expect(decoded == report && decoded.groups.first?.label == hostile)
    let advice = AdviceReport(report).text
    #expect(!advice.contains("\u{1B}") && !advice.contains("\u{202E}"))
  }
}

#endif
