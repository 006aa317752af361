// SPDX-License-Identifier: Apache-2.0
//
// The making, the first write, the fork and the end of small collections, which the fast paths do:
// the words of the monitors and the records are those that the whole protocol asks for.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation
import Synchronization
import Testing

@testable import AccessAudit
@testable import AccessDetector
@testable import AccessTerms
@testable import AccessWindows
@testable import AccessRecorder
@testable import CAccessRecorder

@Suite(.serialized, .switchesAuditing)
struct SmallCollectionTests {
  private typealias Small = AuditedDictionary<Int, Int>

  private func monitor(_ collection: Small) -> MonitorReference {
    MonitorReference(address: unsafeBitCast(collection, to: UnsafeMutableRawPointer.self))
  }

  /// The records that a thread of its own makes in `body` while auditing is on.
  private func audited(
    stacks: StackMode = .full, hunt: HuntMode, _ body: @escaping @Sendable () -> Void
  ) throws -> [AccessRecord] {
    AccessAudit.configure(AuditConfiguration(onViolation: .report, stacks: stacks, hunt: hunt))
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    nonisolated(unsafe) var records: [AccessRecord] = []
    nonisolated(unsafe) var isAttached = false
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      defer { done.signal() }
      // The first access of a thread attaches it, and ends an idle time.
      var first: Small = [:]
      first[0] = 0
      guard let pointer = audit_thread_recorder() else { return }
      isAttached = true
      let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
      let begin = recorder.pointee.ring.head.load(ordering: .relaxed)
      body()
      let end = recorder.pointee.ring.head.load(ordering: .relaxed)
      records = (begin..<end).compactMap { recorder.pointee.ring.record(at: $0) }
    }
    thread.start()
    done.wait()
    try #require(isAttached)
    return records
  }

  @Test(arguments: [HuntMode.off, .percent(10)])
  func firstWrite_takesTheBias(_ hunt: HuntMode) throws {
    nonisolated(unsafe) var checks: [Bool] = []
    let records = try audited(hunt: hunt) {
      for number in 0..<3 {
        var small: Small = [1: number]
        let words = monitor(small)
        checks.append(words.bias.pointee.load(ordering: .relaxed) == WriterBias.initial)
        small[2] = number
        // The slot is that of the thread; the version counts one write.
        let slot = UInt16(words.id >> VersionWord.slotShift)
        let expected = WriterBias.initial == WriterBias.open ? slot : WriterBias.none
        checks.append(words.bias.pointee.load(ordering: .relaxed) == expected)
        let version = VersionWord(rawValue: words.version.pointee.load(ordering: .relaxed))
        checks.append(version.counter == 2 && version.slot == slot && !version.isWriting)
        checks.append(words.writer.pointee.load(ordering: .relaxed) == 0)
        checks.append(small.dictionary == [1: number, 2: number])
      }
    }
    #expect(!checks.isEmpty && checks.allSatisfy { $0 }, "\(checks)")
    let operations = records.map(\.operation)
    #expect(operations.filter { $0 == .create }.count == 3 && operations.filter { $0 == .destroy }.count == 3)
    #expect(operations.filter { $0 == .subscriptSet }.count == 3)
    #expect(records.allSatisfy { $0.stackID != 0 })
  }

  @Test(arguments: [HuntMode.off, .percent(10)])
  func fork_givesTheVariableAMonitorOfItsOwn(_ hunt: HuntMode) throws {
    nonisolated(unsafe) var checks: [Bool] = []
    nonisolated(unsafe) var ids: [(UInt64, UInt64)] = []
    let records = try audited(hunt: hunt) {
      var original: Small = [1: 1]
      for isWritten in [false, true] {
        if isWritten { original[5] = 5 }
        var copy = original
        let before = monitor(original)
        checks.append(monitor(copy) == before)
        copy[2] = 2
        let own = monitor(copy)
        checks.append(own != before && monitor(original) == before && own.id != before.id)
        ids.append((before.id, own.id))
        checks.append(own.creationStackID == before.creationStackID && own.creationStackID != 0)
        checks.append(own.creatorThreadID == before.creatorThreadID && own.kind == before.kind)
        let slot = UInt16(own.id >> VersionWord.slotShift)
        let bias = own.bias.pointee.load(ordering: .relaxed)
        checks.append(bias == (isWritten && WriterBias.initial == WriterBias.open ? slot : WriterBias.none))
        let version = VersionWord(rawValue: own.version.pointee.load(ordering: .relaxed))
        checks.append(version.counter == 2 && version.slot == slot && !version.isWriting)
        for words in [own, before] { checks.append(words.writer.pointee.load(ordering: .relaxed) == 0) }
        checks.append(copy[2] == 2 && original[2] == nil && copy[1] == 1)
      }
    }
    #expect(!checks.isEmpty && checks.allSatisfy { $0 }, "\(checks)")
    for (old, own) in ids {
      let attempt = records.filter { $0.collectionID == old && $0.flags.contains(.again) }
      let write = records.filter { $0.collectionID == own && $0.operation == .subscriptSet }
      #expect(!attempt.isEmpty && attempt.allSatisfy { $0.isWriting && $0.operation == .subscriptSet })
      #expect(write.count == 1 && write[0].isWriting && !write[0].flags.contains(.again))
      #expect(write[0].stackID != 0 && attempt.contains { $0.stackID == write[0].stackID })
    }
  }

  @inline(never)
  private static func descend(_ level: Int, _ collection: inout Small) {
    collection[level] = level
    if level > 0 { descend(level - 1, &collection) }
    _ = collection[level]
  }

  /// Many stacks at one call site, as in a recursion: each access has its own.
  @Test(arguments: [HuntMode.off, .percent(10)])
  func recursion_hasAStackAtEachDepth(_ hunt: HuntMode) throws {
    let records = try audited(hunt: hunt) {
      for _ in 0..<200 {
        var small: Small = [:]
        Self.descend(5, &small)
      }
    }
    let writes = Set(records.filter { $0.operation == .subscriptSet }.map(\.stackID))
    let reads = Set(records.filter { $0.operation == .subscriptGet }.map(\.stackID))
    #expect(writes.count == 6 && reads.count == 6 && writes.isDisjoint(with: reads), "\(writes) \(reads)")
  }

  @Test func withoutStacks_nothingElseChanges() throws {
    let records = try audited(stacks: .off, hunt: .off) {
      let small: Small = [1: 1]
      var copy = small
      copy[2] = 2
    }
    #expect(records.map(\.operation).filter { $0 == .subscriptSet }.count == 2)
    #expect(records.allSatisfy { $0.stackID == 0 })
  }

  /// Off, a new collection costs no record, and is one that accesses know once auditing is on.
  @Test func madeWhileOff_isAuditedLater() throws {
    AccessAudit.configure(AuditConfiguration(isEnabled: false))
    nonisolated(unsafe) var small: Small = [1: 1]
    var copy = small
    copy[1] = 2
    #expect(small[1] == 1 && monitor(copy) != monitor(small) && monitor(copy).id != monitor(small).id)
    #expect(monitor(small).isUnattributed && monitor(copy).isUnattributed)
    let id = monitor(small).id
    let records = try audited(hunt: .off) { small[3] = 3 }
    #expect(records.filter { $0.collectionID == id && $0.operation == .subscriptSet && $0.isWriting }.count == 1)
    #expect(small.dictionary == [1: 1, 3: 3])
  }

  /// Elements die with the last reference, on and off.
  @Test(arguments: [true, false])
  func elements_dieAtOnce(_ isOn: Bool) throws {
    final class Probe: Sendable {}
    AccessAudit.configure(AuditConfiguration(isEnabled: isOn, onViolation: .report, hunt: .off))
    defer { AccessAudit.configure(AuditConfiguration(isEnabled: false)) }
    weak var probe: Probe?
    do {
      let value = Probe()
      probe = value
      var collection: AuditedArray<Probe> = [value]
      var copy = collection
      copy.append(value)
      collection.append(value)
      withExtendedLifetime((collection, copy)) { #expect(probe != nil) }
    }
    #expect(probe == nil)
  }
}

#endif
