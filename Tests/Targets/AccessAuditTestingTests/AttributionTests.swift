// SPDX-License-Identifier: Apache-2.0
//
// Attribution when tests run in parallel: a violation belongs to the right test, or to none.

#if AUDITED && canImport(Glibc)

import AccessAuditTesting
import AuditedCollections
import Dispatch
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows

@Suite(.enabled(if: isAlone && isAuditedBuild, aloneComment))
struct AttributionTests {
  /// Twelve cases in parallel, every other one of which races: those have one issue each, the
  /// others none.
  @Test(
    .issues { found in
      #expect(found.isRaced != nil)
      #expect(found.issues.count == (found.isRaced == true ? 1 : 0), "\(found.issues.map(\.text))")
    },
    .auditedAccesses, arguments: 0..<12)
  func parallelCases_areToldApart(_ number: Int) async throws {
    IssueCheck.current?.announce(isRaced: number % 2 == 1)
    let board = Board()
    if number % 2 == 1 { try board.raceWrites() }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 { group.addTask { board.read() } }
    }
  }

  /// The same two call stacks in each case: the process has seen the race before, and each case
  /// fails.
  @Test(
    .issues { #expect($0.issues.count == 1, "\($0.issues.map(\.text))") }, .auditedAccesses, .serialized,
    arguments: 0..<4)
  func knownRace_failsEachTestThatMakesIt(_ number: Int) throws {
    try Board().raceWrites()
  }

  /// The same race, made twenty times in one test, is one issue.
  @Test(.issues { #expect($0.issues.count == 1, "\($0.issues.map(\.text))") }, .auditedAccesses)
  func repeatedRace_isOneIssue() throws {
    let board = Board()
    for _ in 0..<20 { try board.raceWrites() }
  }

  @Test(
    .issues { found in
      #expect(found.issues.count == 1)
      #expect(found.issues.first?.text.hasSuffix("the collection was created by this test.") == true)
    },
    .auditedAccesses)
  func foreignThreads_areAttributedByCreation() {
    Board().raceOnForeignThreads()
  }

  @Test(
    .issues { found in
      #expect(found.issues.count == 1)
      #expect(found.issues.first?.text.hasSuffix("the call stack leads through this test.") == true)
    },
    .auditedAccesses)
  func queue_isAttributedByCallStack() {
    let board = Board()
    let trap = AccessTrap()
    let inside = StartGate()
    let leave = StartGate()
    trap.arm {
      inside.open()
      leave.wait(atMost: .seconds(5))
    }
    let group = DispatchGroup()
    DispatchQueue(label: "first").async(group: group) { board.hold(trap) }
    DispatchQueue(label: "second").async(group: group) {
      inside.wait()
      DispatchQueue(label: "third").asyncAfter(deadline: .now() + .milliseconds(20)) { leave.open() }
      board.write(GatedKey(2))
    }
    group.wait()
  }

  /// Detached tasks carry no context; the collection's creator identifies the test.
  @Test(.issues { #expect($0.issues.count == 1, "\($0.issues.map(\.text))") }, .auditedAccesses)
  func detachedTask_isAttributed() async throws {
    let board = Board()
    try await Task.detached { try board.raceWrites() }.value
  }
}

/// The rules of attribution, without tasks or threads.
struct ScopeTableTests {
  private func frame(_ symbol: String, _ file: String? = nil) -> Violation.Frame {
    Violation.Frame(
      symbol: symbol, file: file, line: 1, column: 1, image: nil, address: "0x0", inlined: false, category: .user)
  }

  private func violation(_ detected: [Violation.Frame] = [], created: [Violation.Frame] = []) -> Violation {
    let thread = Violation.ThreadDescription(id: 1, name: nil)
    func access(_ role: Violation.Role, _ stack: [Violation.Frame]) -> Violation.Access {
      Violation.Access(
        role: role, thread: thread, writing: true, operation: .subscriptSet, inProgress: true, stack: stack)
    }
    return Violation(
      schema: Violation.schemaName, kind: .concurrentWrites, message: "",
      container: Violation.Container(
        id: 1, kind: .dictionary, type: "", label: nil, count: nil,
        created: Violation.Container.Creation(thread: thread, stack: created)),
      accesses: [access(.detected, detected), access(.conflicting, [])], history: [],
      losses: Violation.Losses(records: 0, stacks: 0, unrecorded: 0, violations: 0, waits: 0),
      process: Violation.ProcessDescription(pid: 1, executable: "", time: ""), timesSeen: 1)
  }

  private func name(_ function: String) -> ScopeName {
    ScopeName(symbol: "Tests.\(function)()", file: "Tests.swift", display: "test \(function)()")
  }

  private func describe(_ verdict: ScopeTable.Verdict) -> String {
    switch verdict {
    case .scope(let id, let evidence): "\(id) \(evidence)"
    case .nobody(let reason): reason
    }
  }

  private func attribute(
    _ table: ScopeTable, _ violation: Violation, detected: UInt32 = 0, created: UInt32 = 0
  ) -> String {
    describe(table.attribute(violation, detectedScope: detected, creationScope: created))
  }

  @Test func strongestEvidence_decides() {
    var table = ScopeTable()
    table.open(1, parent: 0, name: name("a"))
    table.open(2, parent: 0, name: name("b"))
    table.open(3, parent: 0, name: name("c"))
    let throughB = violation([frame("closure #1 in Tests.b()", "/x/Tests.swift")])
    #expect(attribute(table, throughB, detected: 1, created: 3) == "1 context")
    #expect(attribute(table, throughB, created: 3) == "2 callStack")
    #expect(attribute(table, violation(), created: 3) == "3 creation")
    #expect(attribute(table, violation()) == "nothing of it was begun by a test that is audited")
  }

  /// The test that made the access has ended: the violation belongs neither to the collection's
  /// creator nor to any other test.
  @Test func endedTest_leavesItToNobody() {
    var table = ScopeTable()
    table.open(1, parent: 0, name: name("a"))
    table.open(2, parent: 0, name: name("b"))
    _ = table.close(1)
    #expect(
      attribute(table, violation(), detected: 1, created: 2) == "the access was made by test a(), which had ended")
    #expect(attribute(table, violation(), created: 1) == "the collection was created by test a(), which had ended")
  }

  @Test func global_saysNothingOfItsCreator() {
    var table = ScopeTable()
    table.open(1, parent: 0, name: name("a"))
    let global = violation(created: [frame("one-time initialization function for shared")])
    #expect(
      attribute(table, global, created: 1)
        == "the collection is global, and the accesses were made outside the tasks of any test")
  }

  @Test func parallelCases_ofOneFunction_needTheCreation() {
    var table = ScopeTable()
    table.open(1, parent: 0, name: name("a"))
    table.open(2, parent: 0, name: name("a"))
    let throughA = violation([frame("Tests.a()", "/x/Tests.swift")])
    #expect(attribute(table, throughA, created: 2) == "2 creation")
    #expect(
      attribute(table, throughA) == "the call stack leads through several cases of test a() that run at once")
  }

  @Test func innerScope_isPreferred_andItsRestGoesOut() {
    var table = ScopeTable()
    table.open(1, parent: 0, name: name("a"))
    table.open(2, parent: 1, name: nil)
    let throughA = violation([frame("Tests.a()", "/x/Tests.swift")])
    #expect(attribute(table, throughA) == "2 callStack")
    table.add(AttributedViolation(violation: throughA, evidence: .callStack), to: 2)
    // The same place, reached by another way.
    let again = violation([frame("Tests.a()", "/x/Tests.swift"), frame("another caller", "/x/Tests.swift")])
    table.add(AttributedViolation(violation: again, evidence: .callStack), to: 2)
    let found = table.close(2)
    #expect(found.count == 1)
    #expect(attribute(table, violation(), detected: 2) == "1 context")
    let isTaken = table.hand(found, to: 2)
    #expect(isTaken && table.close(1).count == 1)
    let isTakenLater = table.hand(found, to: 2)
    #expect(!isTakenLater)
  }

  @Test(arguments: [
    ("Tests.a()", "Tests.swift", true), ("closure #2 in Tests.a()", "/x/Tests.swift", true),
    ("static Tests.a()", "/x/Tests.swift", true), ("MoreTests.a()", "/x/Tests.swift", false),
    ("Tests.a()", "/x/OtherTests.swift", false), ("Tests.aa()", "/x/Tests.swift", false),
    ("Tests.a() -> Int", "/x/Tests.swift", false), ("Module.Tests.a()", "/x/Tests.swift", true),
  ])
  func frames_areMatchedWhole(_ symbol: String, _ file: String, _ isIn: Bool) {
    #expect(ScopeTable.frame(frame(symbol, file), isIn: name("a")) == isIn)
  }
}

#endif
