// SPDX-License-Identifier: Apache-2.0
//
// The layouts that inlined paths and the detector rely on.

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

struct MonitorLayoutTests {
  private struct Kind: MonitoredCollection {
    static var collectionKind: CollectionKind { .dictionary }
  }

  @Test func offsets_areTheClasss() {
    let storage = audit_empty_dictionary()!
    let monitor = Monitor(
      storage: storage, id: 0x1111, creationStackID: 0x2222, creatorThreadID: 0x3333, type: Kind.self,
      labelID: 0x9999_4444, version: 0x5556, writer: 0x6666, bias: 0xAAAA, isPinned: false)
    monitor.nextRetired = 0x7777
    #expect(monitor.kind == CollectionKind.dictionary.code)
    monitor.kind = 0x88
    monitor.sharing.store(0xBB, ordering: .relaxed)
    let address = Unmanaged.passUnretained(monitor).toOpaque()
    #expect(MonitorReference(address: address).version.pointee.load(ordering: .relaxed) == 0x5556)
    #expect(MonitorReference(address: address).writer.pointee.load(ordering: .relaxed) == 0x6666)
    #expect(MonitorReference(address: address).id == 0x1111)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.version, as: UInt64.self) == 0x5556)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.writer, as: UInt64.self) == 0x6666)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.storage, as: UnsafeMutableRawPointer.self) == storage)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.id, as: UInt64.self) == 0x1111)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.creationStackID, as: UInt32.self) == 0x2222)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.creatorThreadID, as: Int32.self) == 0x3333)
    let type = address.load(fromByteOffset: MonitorReference.Offset.type, as: (any MonitoredCollection.Type).self)
    #expect(ObjectIdentifier(type) == ObjectIdentifier(Kind.self))
    #expect(address.load(fromByteOffset: MonitorReference.Offset.labelID, as: UInt32.self) == 0x9999_4444)
    #expect(MonitorReference(address: address).labelID == 0x4444)
    #expect(MonitorReference(address: address).creationScope == 0x9999)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.kind, as: UInt8.self) == 0x88)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.sharing, as: UInt8.self) == 0xBB)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.bias, as: UInt16.self) == 0xAAAA)
    #expect(address.load(fromByteOffset: MonitorReference.Offset.nextRetired, as: UInt.self) == 0x7777)
    monitor.nextRetired = 0
    // With malloc's word, 96 bytes per collection.
    #expect(instanceSize(of: Monitor.self) == UInt32(AUDIT_MONITOR_SIZE))
  }

  /// A monitor that C has made is what Swift would have made.
  @Test func monitorsOfC_areTheClasss() throws {
    for (kind, empty) in [
      (CollectionKind.dictionary, audit_empty_dictionary()), (.set, audit_empty_set()), (.array, audit_empty_array()),
      (.variable, audit_empty_array()),
    ] {
      let storage = try #require(empty)
      let words = unsafeBitCast(
        (Kind.self as any MonitoredCollection.Type) as any MonitoredCollection.Type,
        to: (type: UnsafeRawPointer, table: UnsafeRawPointer).self)
      Monitor.prepareUnpinned()
      _ = (Monitor.metadataOfPinned, WriterBias.initial)
      let code = Int32(kind.code >> 1)
      let unpinned = try #require(audit_make_unpinned(storage, words.type, words.table, code, 0x7777_8888))
      let recorder = try #require(ThreadRegistry.attach())
      let before = recorder.pointee.ring.head.load(ordering: .relaxed)
      let pinned = try #require(
        audit_make_pinned(recorder, audit_frame_address(), storage, words.type, words.table, code, 0x7777_8888))
      for address in [unpinned, pinned] {
        let monitor = MonitorReference(address: address)
        #expect(monitor.version.pointee.load(ordering: .relaxed) == 0 && audit_is_unique(address))
        #expect(monitor.writer.pointee.load(ordering: .relaxed) == 0)
        #expect(monitor.storage(as: UnsafeMutableRawPointer.self).pointee == storage)
        #expect(ObjectIdentifier(monitor.type) == ObjectIdentifier(Kind.self))
        #expect(monitor.labelID == 0x8888 && monitor.creationScope == 0x7777)
        #expect(monitor.emptyStorage == kind.emptyStorage && !monitor.isReplacedByFallback)
        #expect(monitor.bias.pointee.load(ordering: .relaxed) == WriterBias.initial)
        #expect(monitor.creationTask == 0 && monitor.isUnattributed == (address == unpinned))
        monitor.noteFallback()
        #expect(monitor.emptyStorage == kind.emptyStorage && monitor.isReplacedByFallback)
      }
      let monitor = MonitorReference(address: pinned)
      #expect(monitor.id >> VersionWord.slotShift == recorder.pointee.slot)
      #expect(monitor.creatorThreadID == recorder.pointee.threadID.load(ordering: .relaxed))
      let found = recorder.pointee.ring.record(at: before)
      let record = try #require(found)
      #expect(record.operation == .create && record.collectionID == monitor.id && record.labelID == 0x8888)
      #expect(record.version.rawValue == UInt64(UInt(bitPattern: pinned)) && record.stackID == monitor.creationStackID)
      #expect(monitor.creationStackID != 0 && !record.isWriting)
      swift_release(unpinned)
      swift_release(pinned)
      #expect(monitor.version.pointee.load(ordering: .relaxed) == VersionWord.retired.rawValue)
    }
  }

  /// The size that the runtime allocates, from the class's metadata (its layout is part of the
  /// platform's ABI).
  private func instanceSize(of type: AnyClass) -> UInt32 {
    unsafeBitCast(type, to: UnsafeRawPointer.self).load(fromByteOffset: 24, as: UInt32.self)
  }

  @Test func words_packAndUnpack() {
    let slotBits = UInt64(7) << VersionWord.slotShift
    let odd = VersionWord(rawValue: VersionWord.beginning(40, slotBits: slotBits))
    #expect(odd.isWriting && odd.slot == 7 && odd.counter == 41 && odd.isInProgress)
    let even = VersionWord(rawValue: VersionWord.ending(odd.rawValue))
    #expect(!even.isWriting && even.slot == 7 && even.counter == 42)
    let last = VersionWord(rawValue: slotBits | VersionWord.counterMask)
    #expect(VersionWord(rawValue: VersionWord.ending(last.rawValue)).slot == 7)
    #expect(VersionWord.retired.isRetired && VersionWord.retired.isWriting && !VersionWord.retired.isInProgress)
  }

  /// The count follows the object header in the storage of all three collections; the detector
  /// reads it there.
  @Test func collectionCount_isBehindTheHeader() {
    func word<Collection>(_ collection: Collection) -> UInt64 {
      var word: UInt64 = 0
      #expect(audit_read_word(unsafeBitCast(collection, to: UInt.self) + 16, &word))
      return word
    }
    for count in [0, 1, 5, 1000] {
      #expect(word(Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, "\($0)") })) == count)
      #expect(word(Set(0..<count)) == count)
      #expect(word(Array(0..<count)) == count)
    }
    var unread: UInt64 = 0
    #expect(!audit_read_word(8, &unread))
  }
}

#endif
