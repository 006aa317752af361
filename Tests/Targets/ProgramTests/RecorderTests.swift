// SPDX-License-Identifier: Apache-2.0
//
// Recorders, rings and stacks at their limits, in whole programs.

import AccessAudit
import Foundation
import Testing

@Suite(.enabled(if: isAuditedBuild), .serialized)
struct RecorderTests {
  /// Another thread writes between a read's first and second load of the version: the report names
  /// the read, and the history has it.
  @Test func overlap_readThatWasRecordedBeforeTheChange_keepsItsName() throws {
    let outcome = try Program.race.run(
      ["changed-after-record"], audit: "on_violation=report", collectingReports: true, seconds: 60)
    let violation = try #require(outcome.violations.first, outcome.summary)
    let detected = try #require(violation.accesses.first { $0.role == .detected })
    #expect(violation.kind == .writeDuringRead && detected.operation == .subscriptGet, outcome.summary)
    let marked = violation.history.filter { $0.role == .detected }
    #expect(marked.map(\.operation) == [.subscriptGet], outcome.summary)
    #expect(outcome.output.hasPrefix("reads 4 writes 1\n"), outcome.summary)
  }

  /// A thread's first access takes no lock of the loader.
  @Test func noOverlap_firstAccessBesideTheLoader_ends() throws {
    for policy in ["halt", "report", "shield"] {
      let outcome = try Program.race.run(
        ["first-access-beside-the-loader"], audit: "on_violation=\(policy)", collectingReports: true, seconds: 60)
      #expect(
        outcome.status == 0 && outcome.output == "9 elements\nfinished with 0 violations\n", outcome.summary)
    }
  }

  /// Stacks beyond the table's capacity share shortened ones: libunwind is not called again, and
  /// nothing is lost.
  @Test func manyStacks_areShortened() throws {
    let outcome = try Program.race.run(["many-stacks"], audit: "on_violation=report", seconds: 120)
    let numbers = outcome.output.split(separator: "\n").filter { $0.hasPrefix("round") }.map { line in
      line.split { !$0.isNumber }.compactMap { Int($0) }
    }
    try #require(numbers.count == 2 && numbers.allSatisfy { $0.count == 5 }, outcome.summary)
    for (round, numbers) in zip(1..., numbers) {
      let (learnt, stacks, lost, shortened) = (numbers[1], numbers[2], numbers[3], numbers[4])
      #expect(learnt < (round == 1 ? 500 : 20) && stacks < 65_536 && lost < 500, outcome.summary)
      #expect(shortened > round * 50_000 && shortened < round * 131_072, outcome.summary)
    }
  }

  /// A stack without room for an unwind gets a shorter trace.
  @Test(arguments: ["halt", "report", "shield"]) func smallStacks_areEnough(_ policy: String) throws {
    let threads = try Program.race.run(["small-stacks"], audit: "on_violation=\(policy)", seconds: 60)
    #expect(threads.status == 0 && threads.signal == nil, threads.summary)
    #expect(threads.output == "9 accesses\nfinished with 0 violations\n", threads.summary)
    let handler = try Program.race.run(["small-signal-stack"], audit: "on_violation=\(policy)", seconds: 60)
    #expect(handler.status == 0 && handler.signal == nil, handler.summary)
    #expect(handler.output == "3 read in handlers\nfinished with 0 violations\n", handler.summary)
  }

  /// Address space that a limit leaves to the program is the program's: without room for both there
  /// is no audit, which is said.
  @Test(arguments: ["off", "halt", "report", "shield"])
  func littleAddressSpace_isLeftToTheProgram(_ policy: String) throws {
    let outcome = try Program.race.run(
      ["little-address-space"], audit: policy == "off" ? "off" : "on_violation=\(policy)", seconds: 60)
    #expect(outcome.status == 0 && outcome.signal == nil, outcome.summary)
    #expect(outcome.output == "1000 elements\nfinished with 0 violations\n", outcome.summary)
    #expect(outcome.errors.isEmpty == (policy == "off"), outcome.summary)
  }

  /// A ring is resident where it was written.
  @Test func longHistory_isResidentAsItFills() throws {
    let outcome = try Program.race.run(
      ["long-history"], audit: "on_violation=report history_size=1048576", seconds: 120)
    #expect(
      outcome.output == "less than a megabyte for a thread\nfinished with 0 violations\n", outcome.summary)
  }

  /// The memory of two thousand ended threads is reused or returned.
  @Test func endedThreads_leaveLittle() throws {
    let outcome = try Program.race.run(["ended-threads"], audit: "on_violation=report", seconds: 120)
    #expect(
      outcome.output
        == "recorders are used again and their memory is given back\nfinished with 0 violations\n", outcome.summary)
  }

  /// Threads without memory for a recorder run unaudited; they are counted, and a warning is
  /// printed once.
  @Test(arguments: ["refused-memory", "refused-memory-at-first"])
  func refusedMemory_harmsNobody(_ scenario: String) throws {
    for policy in ["halt", "report", "shield"] {
      let outcome = try Program.race.run([scenario], audit: "on_violation=\(policy)", seconds: 120)
      #expect(
        outcome.status == 0
          && outcome.output == "1600 writes, 8 threads refused\nfinished with 0 violations\n", outcome.summary)
      #expect(outcome.errors.split(separator: "\n").count == 1, outcome.summary)
    }
  }

  /// With almost no file descriptors left a race is still reported, with the reason for missing
  /// names.
  @Test func fewDescriptors_areSaid() throws {
    let outcome = try Program.race.run(["few-descriptors"], audit: "on_violation=report wait_ms=20000", seconds: 120)
    #expect(outcome.status == 66 && outcome.errors.contains("concurrent dictionary writes"), outcome.summary)
    #expect(outcome.errors.contains("AccessAudit: warning: the process may have 6 files open"), outcome.summary)
  }
}
