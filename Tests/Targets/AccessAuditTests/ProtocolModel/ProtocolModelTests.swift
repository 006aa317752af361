// SPDX-License-Identifier: Apache-2.0
//
// All interleavings of a few threads: no false report, no two writers inside one monitor, no
// mutation of a retired monitor; and faults planted in the protocol are found.

#if AUDITED && canImport(Glibc)

import Testing

struct ProtocolModelTests {
  private typealias State = ModelState

  /// Two writers and a reader in one unprotected variable: every stopped thread had overlapped, and
  /// two writers never mutate one monitor.
  @Test func raced_isNeverReportedFalselyNorWrittenTwice() throws {
    let outcome = try ModelChecker.explore(
      State(sharing: [0], programs: [[.write(0), .write(0)], [.write(0), .write(0)], [.read(0), .read(0)]]))
    #expect(outcome.reported > 0 && outcome.silent > 0 && outcome.states > 1_000)
  }

  /// The same under one lock: silent in every interleaving.
  @Test func locked_isSilent() throws {
    let outcome = try ModelChecker.explore(
      State(
        sharing: [0],
        programs: [
          [.lockedWrite(0), .lockedWrite(0)], [.lockedWrite(0), .lockedWrite(0)], [.lockedRead(0), .lockedRead(0)],
        ]))
    #expect(outcome.reported == 0 && outcome.missed == 0 && outcome.silent > 0)
  }

  /// Copies that share a monitor, each mutated and read by its own thread: forks race, and nothing
  /// is reported.
  @Test func copies_areSilent() throws {
    let outcome = try ModelChecker.explore(
      State(
        sharing: [0, 0, 0],
        programs: [[.write(0), .write(0), .read(0)], [.write(1), .write(1)], [.read(2), .write(2)]]))
    #expect(outcome.reported == 0 && outcome.missed == 0 && outcome.silent > 0)
  }

  /// A snapshot taken under the lock and used outside it while the owner mutates under the lock.
  @Test func snapshots_areSilent() throws {
    let outcome = try ModelChecker.explore(
      State(
        sharing: [0, -1],
        programs: [
          [.lockedWrite(0), .lockedWrite(0), .lockedWrite(0)],
          [.lockedCopy(from: 0, to: 1), .read(1), .write(1), .lockedCopy(from: 0, to: 1), .read(1)],
        ]))
    #expect(outcome.reported == 0 && outcome.missed == 0 && outcome.silent > 0)
  }

  /// An unsynchronised copy beside writers: reports are true, and two writers never mutate one
  /// monitor.
  @Test func racedCopies_areNeverReportedFalsely() throws {
    _ = try ModelChecker.explore(
      State(
        sharing: [0, -1],
        programs: [[.write(0), .write(0)], [.copy(from: 0, to: 1), .write(1), .read(1)], [.write(0)]]))
  }

  /// A variable that is destroyed beside a reader and a copy's writer.
  @Test func destruction_isNeverReportedFalsely() throws {
    _ = try ModelChecker.explore(
      State(sharing: [0, 0], programs: [[.read(0), .read(0)], [.destroy(0)], [.write(1), .write(1)]]))
  }

  /// Two writers, a reader, a copy, and the fork that the copy's mutation makes, all at once and
  /// unprotected.
  @Test func everythingAtOnce_isNeverReportedFalselyNorMissed() throws {
    let outcome = try ModelChecker.explore(
      State(
        sharing: [0, -1],
        programs: [[.write(0)], [.write(0)], [.read(0)], [.copy(from: 0, to: 1), .write(1)], [.free]]))
    #expect(outcome.reported > 0 && outcome.silent > 0 && outcome.states > 10_000)
  }

  /// The same under one lock, with the copy used outside it: silent in every interleaving.
  @Test func everythingAtOnceLocked_isSilent() throws {
    let outcome = try ModelChecker.explore(
      State(
        sharing: [0, -1],
        programs: [
          [.lockedWrite(0)], [.lockedWrite(0)], [.lockedRead(0)],
          [.lockedCopy(from: 0, to: 1), .write(1), .read(1)], [.free],
        ]))
    #expect(outcome.reported == 0 && outcome.missed == 0 && outcome.silent > 0)
  }

  /// Monitors are created and retired beside threads that hold their addresses.
  @Test func retiredMonitors_areNotUsedAfterTheyWereFreed() throws {
    for programs: [[State.Action]] in [
      [[.read(0), .read(0)], [.destroy(0)], [.write(1)], [.free, .free]],
      [[.write(0), .write(0)], [.write(0)], [.destroy(1)], [.free, .free]],
    ] {
      _ = try ModelChecker.explore(State(sharing: [0, 0], programs: programs))
    }
  }

  /// The checker finds planted faults.
  @Test func plantedFaults_areFound() {
    #expect(throws: ModelFault.twoWritersInside(variable: 0)) {
      try ModelChecker.explore(State(sharing: [0], programs: [[.write(0)], [.write(0)]], planted: .ignoresWriterWord))
    }
    #expect(throws: ModelFault.self) {
      try ModelChecker.explore(State(sharing: [0, 0], programs: [[.write(0)], [.read(1)]], planted: .neverForks))
    }
    #expect(throws: ModelFault.self) {
      try ModelChecker.explore(
        State(sharing: [0, 0], programs: [[.write(0)], [.write(0)], [.destroy(1)]], planted: .checksOnce))
    }
  }

  @Test func plantedFaults_ofMemoryAndMisses_areFound() {
    // A monitor freed while a reader has its address.
    #expect(throws: ModelFault.useOfFreedMonitor(thread: 0)) {
      try ModelChecker.explore(
        State(sharing: [0], programs: [[.read(0)], [.destroy(0)], [.free]], planted: .freesAtOnce))
    }
    // A write that began and ended between another one's load of the version and its claim.
    #expect(throws: ModelFault.self) {
      try ModelChecker.explore(
        State(sharing: [0], programs: [[.write(0)], [.write(0)]], planted: .trustsWriterWordAlone))
    }
  }

  /// Two writers that overlap from the claim on never both finish: one of them is stopped.
  @Test func overlappingWriters_areStoppedOrApart() throws {
    let outcome = try ModelChecker.explore(State(sharing: [0], programs: [[.write(0)], [.write(0)]]))
    // The missed writes began before the other one had ended, but loaded the version after it.
    #expect(outcome.reported > outcome.missed)
  }
}

#endif
