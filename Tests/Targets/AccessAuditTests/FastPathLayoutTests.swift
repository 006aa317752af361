// SPDX-License-Identifier: Apache-2.0
//
// The assumptions of the fast paths' assembly: the offsets of fields, the meaning of numbers, and
// the runtime's reference counts.

#if AUDITED && canImport(Glibc)

import CAccessRecorder
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessReports
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder

struct FastPathLayoutTests {
  private struct Kind: MonitoredCollection {
    static var collectionKind: CollectionKind { .dictionary }
  }

  /// The numbers that C has of `Shield` and of the tables of hunting.
  @Test func shieldAndHunt_haveTheNumbersOfC() {
    #expect(Shield.versionMark == UInt64(AUDIT_SHIELDED_VERSION))
    #expect(HuntSite.Word.key == Int(AUDIT_HUNT_SITE_KEY))
    #expect(HuntSite.Word.operation == Int(AUDIT_HUNT_SITE_OPERATION))
    #expect(HuntCollection.Word.key == Int(AUDIT_HUNT_COLLECTION_KEY))
    #expect(HuntCollection.Word.isShared == Int(AUDIT_HUNT_COLLECTION_SHARED))
    #expect(HuntCollection.Word.firstAccess == Int(AUDIT_HUNT_COLLECTION_FIRST_ACCESS))
    #expect(HuntCollection.Word.accessCount == Int(AUDIT_HUNT_COLLECTION_ACCESSES))
  }

  @Test func recorderFields_lieInTheFirstCacheLine() throws {
    let recorder = try #require(ThreadRegistry.attach())
    let base = UInt(bitPattern: recorder)
    #expect(base % UInt(ThreadRecorder.cacheLine) == 0)
    func offset<Field: ~Copyable>(_ field: borrowing Field) -> Int {
      withUnsafePointer(to: field) { Int(bitPattern: UnsafeRawPointer($0)) - Int(bitPattern: base) }
    }
    #expect(offset(recorder.pointee.hazard) == Int(AUDIT_RECORDER_HAZARD))
    #expect(offset(recorder.pointee.ring.head) == Int(AUDIT_RECORDER_RING_HEAD))
    #expect(offset(recorder.pointee.depth) == Int(AUDIT_RECORDER_DEPTH))
    #expect(offset(recorder.pointee.claiming) == Int(AUDIT_RECORDER_CLAIMING))
    // Plain fields are copied when they are passed on, so their values show their offsets.
    func word(_ offset: Int32) -> UInt64 {
      UnsafeRawPointer(recorder).load(fromByteOffset: Int(offset), as: UInt64.self)
    }
    #expect(word(AUDIT_RECORDER_RING_WORDS) == UInt64(UInt(bitPattern: recorder.pointee.ring.words)))
    #expect(word(AUDIT_RECORDER_RING_MASK) == recorder.pointee.ring.mask)
    #expect(word(AUDIT_RECORDER_SLOT_BITS) == recorder.pointee.slotBits)
    #expect(word(AUDIT_RECORDER_CHAINS) == UInt64(UInt(bitPattern: recorder.pointee.chains)))
    #expect(word(AUDIT_RECORDER_NESTED_HAZARDS) == UInt64(UInt(bitPattern: recorder.pointee.nestedHazards)))
    #expect(AUDIT_RECORDER_CLAIMING + 8 <= ThreadRecorder.cacheLine)
    #expect(AUDIT_RECORDER_DEPTH_MARK == AUDIT_RECORDER_DEPTH + 4)
    #expect(offset(recorder.pointee.lifeWord) == Int(AUDIT_RECORDER_LIFE))
    #expect(word(AUDIT_RECORDER_WALKS) == UInt64(UInt(bitPattern: recorder.pointee.walks)))
    #expect(offset(recorder.pointee.threadID) == Int(AUDIT_RECORDER_THREAD_ID))
    #expect(offset(recorder.pointee.stackLow) == Int(AUDIT_RECORDER_STACK_LOW))
    #expect(offset(recorder.pointee.stackHigh) == Int(AUDIT_RECORDER_STACK_HIGH))
    #expect(offset(recorder.pointee.collectionsCreated) == Int(AUDIT_RECORDER_COLLECTIONS_CREATED))
    #expect(offset(recorder.pointee.traffic) == Int(AUDIT_RECORDER_TRAFFIC))
    #expect(word(AUDIT_RECORDER_STACK_ENTRIES) == UInt64(UInt(bitPattern: recorder.pointee.stacks.entries)))
    #expect(MemoryLayout<StackTable.Entry>.stride == 16 && StackTable.entryCount == 1 << 16)
  }

  @Test func monitorFields_areTheClasss() {
    #expect(Int(AUDIT_MONITOR_VERSION) == MonitorReference.Offset.version)
    #expect(Int(AUDIT_MONITOR_WRITER) == MonitorReference.Offset.writer)
    #expect(Int(AUDIT_MONITOR_ID) == MonitorReference.Offset.id)
    #expect(Int(AUDIT_MONITOR_BIAS) == MonitorReference.Offset.bias)
  }

  /// For an object without a side table, the upper half of the reference count's word gives the
  /// runtime's answer on uniqueness.
  @Test func uniqueness_isTheRuntimes() {
    let monitor = Unmanaged.passRetained(
      Monitor(
        storage: audit_empty_dictionary(), id: 1, creationStackID: 0, creatorThreadID: 0, type: Kind.self, labelID: 0,
        version: 0, writer: 0, bias: WriterBias.none, isPinned: false))
    let address = monitor.toOpaque()
    func isUpperHalfZero() -> Bool {
      address.load(fromByteOffset: Int(AUDIT_MONITOR_STRONG_EXTRA), as: UInt32.self) == 0
    }
    #expect(isUpperHalfZero() && swift_isUniquelyReferenced_nonNull_native(address) && audit_is_unique(address))
    for count in 2...5 {
      _ = monitor.retain()
      #expect(!isUpperHalfZero() && !swift_isUniquelyReferenced_nonNull_native(address), "\(count) references")
      #expect(!audit_is_unique(address))
    }
    for _ in 2...5 { monitor.release() }
    #expect(isUpperHalfZero() && audit_is_unique(address))
    // A weak reference moves the counts to a side table: the upper half is not zero, so the runtime
    // answers.
    weak let observer = monitor.takeUnretainedValue()
    #expect(observer != nil && !isUpperHalfZero())
    #expect(audit_is_unique(address) == swift_isUniquelyReferenced_nonNull_native(address))
    monitor.release()
  }

  @Test func codes_areSwifts() {
    #expect(AccessOperation.create.code == UInt8(AUDIT_OPERATION_CREATE))
    #expect(AccessOperation.destroy.code == UInt8(AUDIT_OPERATION_DESTROY))
    #expect(AccessRecord.Flags.writingCode == UInt8(AUDIT_RECORD_WRITING))
    #expect(AccessRecord.Flags.attemptCode == UInt8(AUDIT_RECORD_ATTEMPT))
    #expect(AccessRecord.Flags.againCode == UInt8(AUDIT_RECORD_AGAIN))
    #expect(WriterBias.none == UInt16(AUDIT_BIAS_NONE) && WriterBias.open == UInt16(AUDIT_BIAS_OPEN))
  }

  @Test func registryLeavesTheBiassMarks() {
    #expect(ThreadRegistry.slotLimit < Int(WriterBias.revoking) && WriterBias.revoking < WriterBias.open)
  }
}

struct WriterBiasTests {
  private struct Kind: MonitoredCollection {
    static var collectionKind: CollectionKind { .dictionary }
  }

  private func monitor(bias: UInt16) -> MonitorReference {
    MonitorReference(
      address: Unmanaged.passRetained(
        Monitor(
          storage: audit_empty_dictionary(), id: 1, creationStackID: 0, creatorThreadID: 0, type: Kind.self, labelID: 0,
          version: 0, writer: 0, bias: bias, isPinned: false)
      ).toOpaque())
  }

  @Test func foreignBias_isTakenAwayForGood() {
    let monitor = monitor(bias: 77)
    var backoff = Backoff(milliseconds: 1)
    #expect(WriterBias.settle(monitor, for: 78, &backoff))
    #expect(monitor.bias.pointee.load(ordering: .relaxed) == WriterBias.none)
    WriterBias.take(monitor, for: 78)
    #expect(monitor.bias.pointee.load(ordering: .relaxed) == WriterBias.none)
    #expect(WriterBias.inherited(from: monitor, by: 78) == WriterBias.none)
  }

  @Test func openBias_goesToTheFirstWriter() {
    let monitor = monitor(bias: WriterBias.open)
    var backoff = Backoff(milliseconds: 1)
    #expect(WriterBias.settle(monitor, for: 5, &backoff))
    WriterBias.take(monitor, for: 5)
    #expect(monitor.bias.pointee.load(ordering: .relaxed) == 5)
    #expect(WriterBias.settle(monitor, for: 5, &backoff) && WriterBias.inherited(from: monitor, by: 5) == 5)
  }

  /// A claim that succeeded just as the bias was granted is released, because the owner of the bias
  /// checks the writer word with plain loads.
  @Test func claimBesideABias_isGivenBack() {
    let monitor = monitor(bias: 77)
    let writer: UInt64 = 78 << VersionWord.slotShift | 0x1000
    monitor.writer.pointee.store(writer, ordering: .relaxed)
    #expect(!WriterBias.confirm(monitor, writer: writer, for: 78))
    #expect(monitor.writer.pointee.load(ordering: .relaxed) == 0)
  }

  /// The wait for an owner that is claiming is bounded; after it the owner keeps the bias.
  @Test func owner_isWaitedForWhileItClaims() throws {
    let recorder = try #require(ThreadRegistry.attach())
    let monitor = monitor(bias: recorder.pointee.slot)
    recorder.pointee.claiming.store(UInt(bitPattern: monitor.address), ordering: .relaxed)
    var backoff = Backoff(milliseconds: 20)
    #expect(!WriterBias.settle(monitor, for: 60_000, &backoff))
    #expect(monitor.bias.pointee.load(ordering: .relaxed) == recorder.pointee.slot)
    recorder.pointee.claiming.store(0, ordering: .relaxed)
    var again = Backoff(milliseconds: 20)
    #expect(WriterBias.settle(monitor, for: 60_000, &again))
  }
}

#endif
