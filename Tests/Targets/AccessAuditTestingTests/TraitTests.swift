// SPDX-License-Identifier: Apache-2.0
//
// The trait: a violation becomes an issue of the test that made it, at the right place, with the
// right severity.

#if AUDITED && canImport(Glibc)

import AccessAuditTesting
import AuditedCollections
import Synchronization
import Testing

@Suite(.enabled(if: isAlone && isAuditedBuild, aloneComment))
struct TraitTests {
  @Test(
    .issues { found in
      #expect(found.issues.count == 1)
      guard let issue = found.issues.first else { return }
      #expect(issue.severity == .error)
      #expect(issue.sourceLocation?.fileName == "Races.swift")
      #expect(issue.sourceLocation?.line == Board.writeLine)
      #expect(issue.sourceLocation?.fileID == "AccessAuditTestingTests/Races.swift")
      #expect(issue.text.hasPrefix("concurrent dictionary writes: write (subscript.set) by thread "))
      #expect(issue.text.contains("at Races.swift:\(Board.holdLine):"))
      #expect(issue.text.contains("on AuditedDictionary<GatedKey<Int>, Int> 'scores', created at Races.swift:"))
      #expect(issue.text.hasSuffix("It is this test's: the access was made by a task or thread of this test."))
    },
    .auditedAccesses)
  func violation_isAnIssueOfTheTest_atTheDetectedAccess() throws {
    #expect(AccessAudit.isEnabled)
    // `shield` when a test that requests it runs at the same time: the policy applies to the whole
    // process.
    #expect(AccessAudit.configuration.onViolation != .halt)
    try Board().raceWrites()
  }

  @Test(
    .issues { found in
      #expect(found.issues.map(\.severity) == [.warning])
      #expect(found.issues.first?.isFailure == false)
      #expect(found.issues.first?.sourceLocation?.line == Board.readLine)
    },
    .auditedAccesses(severity: .warning))
  func severity_isTheTraits() throws {
    try Board().raceRead()
  }

  @Test(
    .issues { found in
      #expect(found.issues.first?.text.contains("Int> Nameless.entries, created at Races.swift:") == true)
    }, .auditedAccesses)
  func withoutALabel_theDeclarationIsNamed() throws {
    let nameless = Nameless()
    try withAccessHeld(
      first: { nameless.entries[GatedKey(1, $0)] = 1 }, second: { nameless.entries[GatedKey(2)] = 1 })
  }

  @Test(.issues { #expect($0.issues.isEmpty) }, .auditedAccesses(expecting: .concurrentWrites))
  func expected_isNoIssue() throws {
    try Board().raceWrites()
  }

  @Test(
    .issues { found in
      #expect(
        found.issues.map(\.text) == ["no concurrent-writes or read-during-write was seen, and this test expects one"])
      #expect(found.issues.first?.sourceLocation?.fileName == "TraitTests.swift")
    },
    .auditedAccesses(expecting: .concurrentWrites, .readDuringWrite))
  func expectedAndMissing_isAnIssue() {
    Board().read()
  }

  @Test(
    .issues { found in
      #expect(found.issues.count == 2)
      #expect(found.issues.first?.sourceLocation?.line == Board.readLine)
      #expect(found.issues.last?.text == "no concurrent-writes was seen, and this test expects one")
    },
    .auditedAccesses(expecting: .concurrentWrites))
  func otherThanExpected_isAnIssue() throws {
    try Board().raceRead()
  }

  /// The nearest trait applies: under the suite's trait this would be an issue.
  @Suite(.auditedAccesses(expecting: .destroyedDuringAccess))
  struct Nested {
    @Test(.issues { #expect($0.issues.isEmpty) }, .auditedAccesses(expecting: .readDuringWrite))
    func ownTrait_holdsInPlaceOfTheSuites() throws {
      try Board().raceRead()
    }
  }

  @Test(
    .issues { found in
      #expect(found.issues.count == 1)
      #expect(found.issues.first?.sourceLocation?.line == Board.writeLine)
    },
    .auditedAccesses(shield: true))
  func shield_isInForce() throws {
    #expect(AccessAudit.configuration.onViolation == .shield)
    try Board().raceWrites()
  }

  /// Hunting is on in each of them: by default, by its name, by its old name.
  @Test(.auditedAccesses) func hunt_isTheDefault() {
    #expect(AccessAudit.configuration.hunt == .percent(30))
  }

  @Test(.auditedAccesses(stress: true, hunt: .off)) func stress_isHunting() {
    #expect(AccessAudit.configuration.hunt == .percent(30))
  }

  private static let runs = Atomic<Int>(0)

  /// Two accesses that come near each other, and that nothing is seen to order, are worth another
  /// round; three are allowed.
  @Test(
    .issues { found in
      #expect(found.issues.isEmpty)
      #expect(TraitTests.runs.load(ordering: .relaxed) == 3)
    },
    .auditedAccesses(hunt: .rounds(3)))
  func rounds_areRunWhileSomethingIsOpen() {
    Self.runs.wrappingAdd(1, ordering: .relaxed)
    let board = Board()
    withThreads(count: 1) { _ in board.read() }
    withThreads(count: 1) { _ in board.write(GatedKey(3)) }
  }

  /// Suspects are shown where they are asked for, and fail nothing.
  @Test(
    .issues { found in
      #expect(found.issues.count == 1)
      #expect(found.issues.first?.severity == .warning)
      #expect(found.issues.first?.text.contains("write (subscript.set) in ") == true)
    },
    .auditedAccesses(suspects: true))
  func suspects_areAWarning() {
    let board = AuditedBox()
    withThreads(count: 1) { _ in board.read() }
    withThreads(count: 1) { _ in board.write() }
  }

  /// Two accesses that no other test makes.
  private final class AuditedBox: @unchecked Sendable {
    private var values: AuditedDictionary<Int, Int> = [1: 1]
    func read() { _ = values[1] }
    func write() { values[1] = 2 }
  }

  struct Failure: Error {}

  /// The error of the test stays a separate issue beside the violation.
  @Test(
    .issues { found in
      #expect(found.issues.count == 1)
      #expect(found.issues.first?.sourceLocation?.line == Board.writeLine)
    },
    .auditedAccesses)
  func thrownError_isKept() throws {
    let error = #expect(throws: Failure.self) {
      try withAccessHeld(
        first: { [board = Board()] trap in
          try withAccessHeld(first: { _ in board.hold(trap) }, second: {})
          throw Failure()
        }, second: {})
    }
    #expect(error != nil)
    try Board().raceWrites()
  }
}

#endif
