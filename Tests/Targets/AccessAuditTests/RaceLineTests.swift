// SPDX-License-Identifier: Apache-2.0
//
// The lines beside reports: at the end of a process, while races go on, and the numbers in reports.

#if AUDITED && canImport(Glibc)

import Foundation
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessRecorder
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

struct RaceLineTests {
  @Test func exitSummary_hasUnitsAndGroups() {
    var summary = ExitSummary(violations: 0, accesses: 1_234_567, collections: 42, threads: 9, suspects: 3)
    #expect(
      summary.line == "AccessAudit: 0 violations in 1,234,567 accesses to 42 collections by 9 threads (3 suspects)")
    summary = ExitSummary(violations: 1, accesses: 1, collections: 1, threads: 1, suspects: 0)
    #expect(summary.line == "AccessAudit: 1 violation in 1 access to 1 collection by 1 thread")
    (summary.isLowerBound, summary.suppressed, summary.suspects) = (true, 2, 1)
    #expect(
      summary.line
        == "AccessAudit: 1 violation in at least 1 access to 1 collection by 1 thread (1 suspect, 2 suppressed)")
    #expect(summary.json.filter { $0 == "\n" }.count == 1 && summary.json.hasSuffix("}\n"))
  }

  /// A minute after the report, then ever more seldom, and only when something was seen.
  @Test func reminders_areRare() {
    var reminders = RaceReminders()
    let start = Moment.now()
    let counts: () -> [(summary: String, times: UInt64)] = { [("A and B", 1_000), ("C and D", 2)] }
    func line(_ total: UInt64, _ seconds: Int) -> String? {
      reminders.line(total: total, now: start.advanced(byMilliseconds: seconds * 1_000), counts: counts)
    }
    #expect(line(5, 1_000) == nil, "without a report")
    reminders.noteReport(total: 5, now: start)
    #expect(line(50, 59) == nil)
    #expect(line(5, 61) == nil)
    #expect(
      line(50, 61) == "AccessAudit: seen again, 45 times; 2 races, most often A and B, 1,000 times so far")
    #expect(line(60, 121) == nil && line(60, 182) != nil)
    #expect(line(61, 300) == nil && line(61, 423) != nil)
    #expect(line(61, 100_000) == nil)
  }

  @Test func raceCounts_areForSeveralRaces() {
    #expect(RaceCounts.lines([("A and B", 7)]).isEmpty)
    #expect(
      RaceCounts.lines([("A and B", 1_523), ("C and D", 1)])
        == ["AccessAudit: seen 1,523 times: A and B", "AccessAudit: seen once: C and D"])
    #expect(RaceCounts.lines((0..<25).map { ("\($0)", 1) }).last == "AccessAudit: and 5 more races")
  }

  @Test func identity_isThePairOfPlaces() {
    var one = RenderingTests.sample()
    one.accesses[1] = one.accesses[0]
    one.accesses[1].role = .conflicting
    one.accesses[1].stack[1].line = 57
    var other = one
    // The other access saw it, through another caller, on another thread.
    other.accesses = other.accesses.reversed()
    other.accesses[0].stack.append(one.accesses[0].stack[1])
    other.accesses[0].thread?.id = 9
    other.container.id = 8
    #expect(RaceIdentity.exact(one) == RaceIdentity.exact(other))
    other.container.label = "archive"
    #expect(RaceIdentity.exact(one) != RaceIdentity.exact(other))
    other = one
    other.accesses[0].stack[1].line = 32
    #expect(RaceIdentity.exact(one) != RaceIdentity.exact(other))
    #expect(RaceIdentity.exact(one.accesses[1], of: one) == RaceIdentity.exact(other.accesses[1], of: other))
  }

  /// A number stands in a report only where it says something.
  @Test func numbers_sayWhatTheyCount() throws {
    let losses = Violation.Losses(records: 0, stacks: 0, unrecorded: 14_831, violations: 0, waits: 1)
    #expect(
      Sentences.losses(losses)
        == "Lost: nothing; 14,831 accesses checked but not counted, while the history of a violation was "
        + "copied; 1 wait for another access given up after wait_ms")
    let touched = "2 threads touched it, the one that created it included"
    var traffic = Violation.Traffic(reads: 0, writes: 2, threads: 2, lifetimeMilliseconds: 58, isLowerBound: true)
    #expect(Sentences.traffic(traffic) == "Traffic: at least 2 writes begun within 58 ms; \(touched)")
    traffic.reads = 3
    #expect(Sentences.traffic(traffic) == "Traffic: at least 3 reads and 2 writes begun within 58 ms; \(touched)")
    (traffic.reads, traffic.writes) = (0, 0)
    #expect(Sentences.traffic(traffic) == nil)
    traffic.isLowerBound = false
    #expect(Sentences.traffic(traffic) == "Traffic: 0 reads and 0 writes begun within 58 ms; \(touched)")
    // No overlap lasts longer than the collection was in use, nor is it seen 0 times.
    let overlap = Violation.Overlap(atMostNanoseconds: 1_100_000_000)
    #expect(Sentences.overlap(overlap, timesSeen: 0, traffic: traffic) == nil)
    #expect(Sentences.overlap(overlap, timesSeen: 1, traffic: traffic) == "Overlap: this pair was seen once")
    let short = Violation.Overlap(atMostNanoseconds: 900_000)
    #expect(Sentences.overlap(short, timesSeen: 0, traffic: traffic) == "Overlap: for at most 900 µs")
    // The clock of ages has a tick of 10 ms.
    let tick = Violation.Overlap(conflictingAgeMilliseconds: 0)
    #expect(Sentences.overlap(tick, timesSeen: 0) == "Overlap: the other access began less than 10 ms before")
    let entry = RenderingTests.sample().history[0]
    for (newest, oldest, text) in [
      (0, 0, "less than 10 ms"), (0, 20, "up to 20 ms"), (7, 7, "7 ms"), (7, 17, "7 to 17 ms"),
    ] {
      var run = HistoryRuns.Run(newest: entry, oldestAgeMilliseconds: oldest, count: 3)
      run.newest.ageMilliseconds = newest
      #expect(Sentences.ages(run) == text)
    }
  }

  @Test func json_onALineHasTheSameContent() throws {
    let violation = RenderingTests.sample()
    let line = JSONRenderer.line(violation)
    #expect(line.filter { $0 == "\n" }.count == 1 && line.hasSuffix("\n"))
    #expect(try JSONDecoder().decode(Violation.self, from: Data(line.utf8)) == violation)
  }
}

#endif
