// SPDX-License-Identifier: Apache-2.0
//
// The helpers that force an overlap, and the search for one.

#if AUDITED && canImport(Glibc)

import AccessAuditTesting
import AuditedCollections
import Dispatch
import Foundation
import Synchronization
import Testing

struct HelperTests {
  @Test func gate_opensForGood() {
    let gate = StartGate()
    #expect(!gate.isOpen)
    #expect(!gate.wait(atMost: .milliseconds(5)))
    gate.open()
    #expect(gate.isOpen && gate.wait(atMost: .zero))
  }

  @Test func trap_springsOnce() {
    let trap = AccessTrap()
    final class Box: Sendable { let count = Mutex(0) }
    let box = Box()
    trap.spring()
    trap.arm { box.count.withLock { $0 += 1 } }
    var plain: [GatedKey<String>: Int] = [:]
    plain[GatedKey("a", trap)] = 1
    plain[GatedKey("a", trap)] = 2
    #expect(box.count.withLock { $0 } == 1 && plain.count == 1)
    #expect(GatedKey("a") == GatedKey("a", trap) && GatedKey("a") != GatedKey("b"))
    #expect(GatedKey("a").hashValue == GatedKey("a", trap).hashValue)
  }

  struct Failure: Error, Equatable { var thread: Int }

  @Test func threads_returnInOrder_andThrowTheFirstError() throws {
    let names = withThreads(count: 3) { thread in
      let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
      return "\(thread) \(name ?? "?")"
    }
    #expect(names == ["0 thread-0\n", "1 thread-1\n", "2 thread-2\n"])
    #expect(throws: Failure(thread: 1)) {
      try withThreads(count: 4) { (thread) throws(Failure) -> Void in
        if thread % 2 == 1 { throw Failure(thread: thread) }
      }
    }
  }

  /// All threads are in their bodies at once: each waits there for the others.
  @Test func threads_runTogether() {
    let arrived = Mutex(0)
    let met = withThreads(count: 4) { _ in
      arrived.withLock { $0 += 1 }
      let deadline = ContinuousClock.now.advanced(by: .seconds(30))
      while arrived.withLock({ $0 }) < 4, .now < deadline { usleep(1_000) }
      return arrived.withLock { $0 }
    }
    #expect(met == [4, 4, 4, 4])
  }

  /// The published sequence of the generator for seed 1234567.
  @Test func generator_isSplitMix64() {
    var generator = SeededGenerator(seed: 1_234_567)
    let numbers = (0..<5).map { _ in generator.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func attempts_differ_andRepeat() {
    func first(_ number: Int, _ seed: UInt64, _ thread: Int) -> UInt64 {
      var generator = OverlapAttempt(number: number, seed: seed).generator(forThread: thread)
      return generator.next()
    }
    #expect(first(3, 7, 1) == first(3, 7, 1))
    #expect(Set([first(3, 7, 1), first(3, 7, 2), first(4, 7, 1), first(3, 8, 1)]).count == 4)
  }
}

@Suite(.enabled(if: isAlone && isAuditedBuild, aloneComment))
struct RequireOverlapTests {
  /// The violations that the search looks for are not issues of the test.
  @Test(.issues { #expect($0.issues.isEmpty, "\($0.issues.map(\.text))") }, .auditedAccesses)
  func race_isFound_andIsNoIssue() throws {
    let violations = try requireOverlap(of: .concurrentWrites, .readDuringWrite, .writeDuringRead) { attempt in
      let board = Board(label: "searched")
      withThreads(count: 2) { thread in
        attempt.jitter(thread: thread)
        for i in 0..<50 { board.write(GatedKey(i)) }
      }
    }
    #expect(!violations.isEmpty)
    #expect(violations.allSatisfy { $0.container.label == "searched" })
  }

  @Test(.auditedAccesses) func lawfulCode_isAnError_withTheSeed() {
    let error = #expect(throws: OverlapMissing.self) {
      try requireOverlap(budget: OverlapBudget(attempts: 7), seed: 42) { attempt in
        #expect(attempt.seed == 42)
        let own = Board()
        withThreads(count: 2) { thread in if thread == 0 { own.write(GatedKey(1)) } }
      }
    }
    #expect(error?.attempts == 7 && error?.seed == 42)
    #expect(error?.description.hasPrefix("no overlap in 7 attempts (") == true)
    #expect(error?.description.hasSuffix("run it again with seed: 42") == true)
  }

  /// Violations of other kinds are issues of the test.
  @Test(
    .issues { found in
      #expect(found.issues.count == 1)
      #expect(found.issues.first?.sourceLocation?.line == Board.readLine)
    },
    .auditedAccesses)
  func otherKind_isTheTests() throws {
    let outcome = try repeatUntilOverlap(of: .concurrentWrites, budget: OverlapBudget(attempts: 3)) { _ in
      try Board().raceRead()
    }
    #expect(outcome.violations.isEmpty && outcome.attempts == 3)
  }

  @Test func asyncBody_outsideAnyTrait() async throws {
    let violations = try await requireOverlap { attempt in
      let board = Board()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { _ = try? board.raceWrites() }
      }
    }
    #expect(violations.map(\.kind) == [.concurrentWrites])
  }

  /// An attempt waits for the detector, which also writes the reports of parallel tests: seconds,
  /// not milliseconds.
  @Test func budget_endsTheSearch() {
    let clock = ContinuousClock()
    let elapsed = clock.measure {
      let outcome = repeatUntilOverlap(
        budget: OverlapBudget(attempts: .max, time: .seconds(4)), delayMicroseconds: 0
      ) { _ in usleep(1_000) }
      #expect(outcome.attempts > 1 && outcome.violations.isEmpty)
    }
    #expect(elapsed > .seconds(4) && elapsed < .seconds(60))
  }

  /// Without an access that springs the trap, nothing is held and nothing hangs.
  @Test func unsprungTrap_doesNotHang() throws {
    let clock = ContinuousClock()
    let elapsed = try clock.measure { try withAccessHeld(first: { _ in }, second: {}) }
    #expect(elapsed < .seconds(60))
  }
}

#endif
