// SPDX-License-Identifier: Apache-2.0
//
// The search for the other party's record: forced records of every kind that it must reject.

#if AUDITED && canImport(Glibc)

import CAccessRecorder
import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder

@Suite(.serialized)
struct RecordSearchTests {
  private struct Kind: MonitoredCollection {
    static var collectionKind: CollectionKind { .dictionary }
  }

  private static let lastID = Atomic<UInt64>(0xFFF0_0000_0000_0000)
  /// Collections of this test alone: rings of ended threads keep the records of the others.
  private let id = lastID.wrappingAdd(1, ordering: .relaxed).newValue
  private let other = lastID.wrappingAdd(1, ordering: .relaxed).newValue

  /// A monitor of the collection of all records, whose writer word the given slot holds.
  private func monitor(writer slot: UInt16 = 0) -> MonitorReference {
    MonitorReference(
      address: Unmanaged.passRetained(
        Monitor(
          storage: audit_empty_dictionary(), id: id, creationStackID: 0, creatorThreadID: 0, type: Kind.self,
          labelID: 0, version: 0, writer: UInt64(slot) << VersionWord.slotShift, bias: WriterBias.none, isPinned: false)
      ).toOpaque())
  }

  private func find(_ recorder: ThreadRecorderPointer, before: UInt64) -> PendingReportAccess {
    OtherParty.find(
      Conflict(
        kind: .writeDuringRead, monitor: monitor(), operation: .subscriptGet, isWriting: false,
        before: VersionWord(rawValue: before), otherSlot: recorder.pointee.slot, isInProgress: false))
  }

  private func append(
    _ recorder: ThreadRecorderPointer, _ operation: AccessOperation, version: UInt64, stack: UInt32 = 1,
    flags: AccessRecord.Flags = [], id: UInt64? = nil
  ) {
    recorder.pointee.ring.append(
      collectionID: id ?? self.id, version: version, stackID: stack, operation: operation, flags: flags.rawValue,
      clock: 0)
  }

  /// A record of a creation holds an address in the place of the version, which is greater than any
  /// version. A record of a destruction is marked as a write.
  @Test func creationAndDestruction_areNobodysWrite() {
    let owner = Owner()
    defer { owner.end() }
    append(owner.recorder, .create, version: 0x7FFF_1234_5678)
    append(owner.recorder, .destroy, version: .max, flags: [.writing, .attempt])
    append(owner.recorder, .destroy, version: .max, flags: .writing)
    let found = find(owner.recorder, before: 4)
    #expect(found.operation == nil && found.stackID == 0)
  }

  @Test func writes_ofOthersAndAttemptsAndReads_areNotTaken() {
    let owner = Owner()
    defer { owner.end() }
    append(owner.recorder, .subscriptSet, version: 7, flags: .writing, id: other)
    append(owner.recorder, .updateValue, version: 7, flags: [.writing, .attempt])
    append(owner.recorder, .subscriptGet, version: 6)
    // Ended before the access began.
    append(owner.recorder, .removeAll, version: 3, flags: .writing)
    #expect(find(owner.recorder, before: 4).operation == nil)
    append(owner.recorder, .merge, version: 5, stack: 11, flags: .writing)
    append(owner.recorder, .merge, version: 7, stack: 12, flags: .writing)
    // The earliest write since then, which certainly overlapped.
    let found = find(owner.recorder, before: 4)
    #expect(found.operation == .merge && found.stackID == 11)
  }

  /// A write that was overwritten is unknown, not replaced by another one of the same thread.
  @Test func overwrittenWrite_isUnknown() {
    let owner = Owner()
    defer { owner.end() }
    append(owner.recorder, .merge, version: 5, flags: .writing)
    for number in 0..<owner.recorder.pointee.ring.capacity {
      append(owner.recorder, .subscriptSet, version: number * 2 + 1, flags: .writing, id: other)
    }
    let found = find(owner.recorder, before: 4)
    #expect(found.operation == nil && found.threadID == owner.recorder.pointee.owner?.threadID)
  }

  /// A slot's next thread did not make the writes of its previous one.
  @Test func previousOwnersRecords_areNotTheNextOnes() {
    let first = Owner()
    let recorder = first.recorder
    append(recorder, .merge, version: 5, flags: .writing)
    append(recorder, .subscriptGet, version: 6)
    first.end()
    #expect(find(recorder, before: 4).operation == .merge)
    #expect(AccessHistory.collect(id, limit: 100).contains { $0.record.operation == .merge })
    let life = recorder.pointee.life
    ThreadRegistry.recycle(recorder, life)
    var owners: [Owner] = []
    repeat { owners.append(Owner()) } while recorder.pointee.life.owner == life.owner && owners.count < 200
    #expect(recorder.pointee.life.owner == life.owner + 1)
    #expect(find(recorder, before: 4).operation == nil)
    #expect(!AccessHistory.collect(id, limit: 100).contains { $0.record.operation == .merge })
    owners.forEach { $0.end() }
  }

  /// While a thread takes over a recorder, the recorder has neither its old nor its new owner.
  @Test func recorderBetweenOwners_hasNone() throws {
    let owner = Owner()
    defer { owner.end() }
    let recorder = owner.recorder
    append(recorder, .merge, version: 5, flags: .writing)
    let known = recorder.pointee.owner
    let before = try #require(known)
    let life = recorder.pointee.life
    recorder.pointee.lifeWord.store(life.withNextOwner.rawValue, ordering: .releasing)
    #expect(recorder.pointee.owner == nil && !recorder.pointee.isOwned(by: before))
    let found = find(recorder, before: 4)
    #expect(found.operation == nil && found.threadID == 0)
    #expect(!AccessHistory.collect(id, limit: 100).contains { $0.record.operation == .merge })
    recorder.pointee.lifeWord.store(life.rawValue, ordering: .releasing)
  }

  /// What a thread did after the violation, while the detector was on its way, is not its history.
  @Test func history_endsWithTheViolation() throws {
    let owner = Owner()
    defer { owner.end() }
    append(owner.recorder, .merge, version: 5, flags: .writing)
    append(owner.recorder, .subscriptGet, version: 6)
    for number in 0..<UInt64(ViolationBuilder.searchLimit + 10) {
      append(owner.recorder, .subscriptSet, version: number * 2 + 7, flags: .writing)
    }
    let history = AccessHistory.collect(
      id, limit: ViolationBuilder.searchLimit, until: VersionWord(rawValue: 0x0007_0000_0000_0006))
    #expect(history.map(\.record.operation) == [.subscriptGet, .merge])
  }

  /// The accesses of the violation are in the history when their records have been overwritten.
  @Test func history_hasBothAccesses() throws {
    let (detected, conflicting) = (
      PendingReportAccess(threadID: 7, slot: 1, operation: .subscriptGet, isWriting: false, stackID: 0),
      PendingReportAccess(
        threadID: 8, threadName: "writer", slot: 2, operation: .merge, isWriting: true, stackID: 0,
        coarseMilliseconds: 970)
    )
    let report = PendingReport(
      kind: .readDuringWrite, collection: Conflicts.describe(monitor()), detected: detected, conflicting: conflicting,
      conflictingIsInProgress: true, moment: .now())
    let losses = Violation.Losses(records: 0, stacks: 0, unrecorded: 0, violations: 0, waits: 0)
    let builder = ViolationBuilder(
      source: .addresses(LoadedImages()), losses: losses, configuration: AuditConfiguration())
    let roles = builder.entries(report, history: []).compactMap(\.role)
    #expect(roles == [.detected, .conflicting])
    // Between those that came before and after it, and as many as there may be.
    let records = (0..<30).map { (number: Int) -> HistoryRecord in
      let record = AccessRecord(
        sequence: UInt64(100 - number), collectionID: id, version: VersionWord(rawValue: 4), stackID: 0,
        operation: number == 0 ? .subscriptGet : .contains, flags: [],
        coarseMilliseconds: UInt32(1_000 - number * 10))
      return HistoryRecord(threadID: 7, record: record)
    }
    let entries = builder.entries(report, history: records)
    #expect(entries.count == ViolationBuilder.historyLimit)
    #expect(entries[0].role == .detected && entries[4].role == .conflicting)
    #expect(entries.count { $0.role != nil } == 2)
    #expect(entries[4].ageMilliseconds == 30 && entries[4].thread.name == "writer")
    // Of a record that was lost nothing is known.
    let unknown = PendingReport(
      kind: .readDuringWrite, collection: Conflicts.describe(monitor()), detected: detected,
      conflicting: .unknown(threadID: 8), conflictingIsInProgress: true, moment: .now())
    let known = builder.entries(unknown, history: []).compactMap(\.role)
    #expect(known == [.detected])
  }

  @Test func history_hasAccessesAndTheEnd_butNoCreation() {
    let owner = Owner()
    defer { owner.end() }
    append(owner.recorder, .create, version: 0x7FFF_1234_5678)
    append(owner.recorder, .subscriptGet, version: 2)
    append(owner.recorder, .updateValue, version: 2, flags: [.writing, .attempt])
    append(owner.recorder, .destroy, version: .max, flags: [.writing, .attempt])
    let mine = AccessHistory.collect(id, limit: 100).filter { $0.threadID == owner.recorder.pointee.owner?.threadID }
    #expect(mine.map(\.record.operation) == [.destroy, .updateValue, .subscriptGet])
  }
}

#endif
