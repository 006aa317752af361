// SPDX-License-Identifier: Apache-2.0
//
// The adviser's answers to traffic that was made up, and the table that it decides by.

#if REPORTS && canImport(Glibc)

import AccessTerms
import Foundation
import Testing

@testable import AccessTraffic

struct AdviserTests {
  private func advice(_ traffic: Traffic) throws -> Advice {
    try #require(try AdviceReport(traffic.recording().report()).advice.first)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var traffic: @Sendable () -> Traffic
    /// By the table that is shipped.
    var expected: Remedy
  }

  static let cases: [Case] = [
    Case(testDescription: "one thread", traffic: { Traffic(threads: 1) }, expected: .none),
    Case(testDescription: "seldom used", traffic: { Traffic(perSecond: 2_000) }, expected: .locked),
    Case(
      testDescription: "seldom used, by tasks", traffic: { Traffic(perSecond: 2_000, inTasks: true) },
      expected: .actor),
    Case(
      testDescription: "many writes", traffic: { Traffic(threads: 8, readShare: 0.5, perSecond: 8e6) },
      expected: .sharded),
    Case(
      testDescription: "many reads",
      traffic: { Traffic(type: "AuditedDictionary<Int, Int>", threads: 16, readShare: 1, perSecond: 2e7) },
      expected: .readMostly),
    Case(
      // Whose comparison takes more than what the models differ in.
      testDescription: "many reads, keys are strings",
      traffic: { Traffic(threads: 16, readShare: 1, perSecond: 2e7) }, expected: .sharded),
    Case(
      testDescription: "one hot key, mostly read",
      traffic: { Traffic(threads: 16, readShare: 0.999, perSecond: 2e7, hotShare: 0.8) }, expected: .readMostly),
    Case(
      testDescription: "one hot key, written",
      traffic: { Traffic(threads: 8, readShare: 0.1, perSecond: 8e6, hotShare: 0.8) }, expected: .sharded),
    Case(
      testDescription: "whole loops",
      traffic: { Traffic(threads: 4, readShare: 0.99, perSecond: 8e6, operation: .forEach) },
      expected: .readWrite),
    Case(
      testDescription: "long accesses of tasks", traffic: { Traffic(inTasks: true, duration: 20_000_000) },
      expected: .serial),
    Case(
      testDescription: "growth without an end, by tasks",
      traffic: { Traffic(readShare: 0, size: { UInt32($0) * 10 }, inTasks: true, grows: true) }, expected: .safe),
    Case(
      testDescription: "array", traffic: { Traffic(type: "AuditedArray<Int>", kind: 2) }, expected: .mutex),
    Case(
      testDescription: "variable of tasks", traffic: { Traffic(type: "Int", kind: 3, inTasks: true) },
      expected: .actor),
  ]

  @Test(arguments: cases) func answer_fits(_ case: Case) throws {
    let advice = try advice(`case`.traffic())
    #expect(advice.remedy == `case`.expected, "\(advice.text)")
    #expect(!advice.reasons.isEmpty && !advice.costs.isEmpty && !advice.wrongWhen.isEmpty)
    #expect((advice.runnerUp == nil) == (advice.remedy == .none) && advice.runnerUp != advice.remedy)
    #expect((advice.before == advice.after) == (advice.remedy == .none))
  }

  @Test func answer_hasTheLineToChange() throws {
    let text = try advice(Traffic(threads: 8, readShare: 0.5, perSecond: 8e6)).text
    #expect(text.contains("- var orders: AuditedDictionary<String, Int>\n"))
    #expect(text.contains("+ let orders = ShardedDictionary<String, Int>()\n"))
    #expect(text.contains("Runner-up: ") && text.contains("Wrong when "))
  }

  /// Where nothing else speaks against a model, no other one was measured to be quicker by more
  /// than a fifth: 30 kinds of traffic, at a rate that counts.
  @Test func answer_isWithinAFifthOfTheQuickest() throws {
    for threads in [2, 3, 4, 8, 16] as [Int32] {
      for readShare in [0, 0.3, 0.7, 0.9, 0.99, 1] {
        let traffic = Traffic(accesses: 2_000, threads: threads, readShare: readShare, perSecond: 2e7)
        let report = try traffic.recording().report()
        let group = try #require(report.groups.first)
        let advice = try #require(AdviceReport(report).advice.first)
        let times = [Remedy.locked, .readWrite, .sharded, .readMostly].map {
          MeasuredCosts.shipped.nanoseconds(
            $0,
            .init(
              readShare: group.readShare, threads: group.threads.count, keys: 100, key: .string,
              hotShare: Facts(group, sampling: 1).hotShare))!
        }
        let own = try #require(advice.nanoseconds[advice.name])
        #expect(own <= times.min()! * 1.21, "\(threads) threads, \(readShare): \(advice.text)")
      }
    }
  }

  @Test func table_isInterpolatedBetweenWhatWasMeasured() throws {
    let rows = [
      MeasuredCosts.Row(.locked, .integer, keys: 100, reads: 0, [1: 100, 4: 200]),
      MeasuredCosts.Row(.locked, .integer, keys: 100, reads: 100, [1: 20, 4: 40]),
      MeasuredCosts.Row(.locked, .string, keys: 100, reads: 100, [1: 80, 4: 80]),
      MeasuredCosts.Row(.locked, .integer, keys: 100, reads: 100, hot: 80, [1: 30, 4: 80]),
      MeasuredCosts.Row(.locked, .integer, keys: 10, reads: 100, visits: 50, [1: 100, 4: 170]),
      MeasuredCosts.Row(.locked, .integer, keys: 100, reads: 100, visits: 50, [1: 510, 4: 1_070]),
    ]
    let costs = MeasuredCosts(machine: "made up", rows: rows)
    func time(_ readShare: Double, _ threads: Int) -> Double {
      costs.nanoseconds(.locked, .init(readShare: readShare, threads: threads, keys: 5, key: .integer))!
    }
    func time(
      hot: Double = 0, visits: Double = 0, counts: Double = 0, key: MeasuredKey? = .integer
    ) -> Double {
      costs.nanoseconds(
        .locked,
        .init(
          readShare: 1, threads: 4, keys: 50, key: key, hotShare: hot, visitShare: visits, countShare: counts))!
    }
    #expect(time(0, 1) == 100 && time(1, 1) == 20 && time(0, 4) == 200 && time(1, 99) == 40)
    #expect(abs(time(0, 2) - 150) < 1e-9 && abs(time(0.75, 1) - 60) < 1e-9)
    #expect(costs.nanoseconds(.sharded, .init(readShare: 0, threads: 1, keys: 1)) == nil)
    // One hot key takes twice the time where all accesses are of it. A visit takes 300 ns for 10
    // elements, and 20 ns for each one more.
    #expect(abs(time(hot: 0.4) - 60) < 1e-9 && abs(time(hot: 0.8) - 80) < 1e-9 && abs(time(hot: 1) - 80) < 1e-9)
    #expect(abs(time(visits: 0.1) - (36 + 0.1 * (300 + 40 * 20))) < 1e-9)
    #expect(abs(time(counts: 0.1) - (36 + 0.1 * (300 - 10 * 20))) < 1e-9)
    // Of keys that were not measured: the geometric mean of 40 and 80.
    #expect(abs(time(key: nil) - 3_200.0.squareRoot()) < 1e-9 && time(key: .string) == 80)
  }

  @Test(
    arguments: [
      ("AuditedDictionary<Int, Order>", MeasuredKey.integer), ("AuditedDictionary<Swift.String, [Int]>", .string),
      ("AuditedDictionary<UUID, Int>", nil), ("Int", nil), ("AuditedDictionary<Pair<Int>, Int>", nil),
    ] as [(String, MeasuredKey?)])
  func typeOfKeys_isThatOfTheDictionary(_ type: String, _ key: MeasuredKey?) {
    #expect(MeasuredKey(dictionary: type) == key)
  }

  @Test func shippedTable_namesItsMachine() {
    #expect(MeasuredCosts.shipped.machine.contains("cores") && MeasuredCosts.shipped.machine.contains("Measured at"))
    for remedy in [Remedy.actor, .locked, .readWrite, .sharded, .readMostly, .serial, .safe] {
      let time = MeasuredCosts.shipped.nanoseconds(remedy, .init(readShare: 0.95, threads: 4, keys: 1_000))
      #expect(time.map { $0 > 1 && $0 < 1e6 } == true, "\(remedy)")
    }
  }
}

#endif
