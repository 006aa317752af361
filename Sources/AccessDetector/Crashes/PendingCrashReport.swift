// SPDX-License-Identifier: Apache-2.0
//
// From a crash note to a pending report, on the detector thread. The crashed thread waits; its ring
// and the other party's are read as they are.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

enum PendingCrashReport {
  /// The pending report of a noted crash; `nil` when the monitor can no longer be read.
  static func make(_ note: audit_crash_note) -> PendingReport? {
    // A thread that was kept from the processor for long can crash on a monitor whose memory is in
    // other hands by now: what it holds is only believed when it says that it is one.
    var metadata: UInt64 = 0
    guard let address = UnsafeMutableRawPointer(bitPattern: note.monitor), audit_read_word(note.monitor, &metadata),
      metadata == UInt64(UInt(bitPattern: Monitor.metadataOfPinned)),
      let recorder = ThreadRegistry.recorder(slot: note.slot)
    else { return nil }
    let monitor = MonitorReference(address: address)
    let own = access(recorder, to: monitor.id, at: note.record_index)
    let conflicting = conflicting(note, monitor)
    return PendingReport(
      kind: note.is_end ? .crashDuringAccess : kind(note, conflicting), collection: Conflicts.describe(monitor),
      detected: own ?? unknown(recorder, isWriting: note.is_writing), conflicting: conflicting,
      conflictingIsInProgress: isInside(note), moment: Moment.now(), signal: note.is_end ? note.signal : nil,
      // A crash ends the process by its signal, and not behind its report.
      endsProcess: !note.is_end && ViolationResponse.current.endsProcess)
  }

  /// What the access would have called it, had it come to its end.
  private static func kind(_ note: audit_crash_note, _ conflicting: PendingReportAccess) -> ViolationKind {
    if conflicting.slot == 0 || conflicting.operation == .destroy { return .destroyedDuringAccess }
    if !note.is_writing { return .writeDuringRead }
    return conflicting.isWriting ? .concurrentWrites : .readDuringWrite
  }

  /// The other party. Of a monitor that is gone because a writer gave its variable another one,
  /// that is the write.
  private static func conflicting(_ note: audit_crash_note, _ monitor: MonitorReference) -> PendingReportAccess {
    let slot = note.other_slot
    let conflict = Conflict(
      kind: .destroyedDuringAccess, monitor: monitor, operation: .subscriptGet, isWriting: note.is_writing,
      before: VersionWord(rawValue: note.before), otherSlot: slot, isInProgress: true)
    var found = OtherParty.find(conflict)
    found.threadName = ProcessNames.thread(found.threadID)
    guard found.operation == nil, let other = ThreadRegistry.recorder(slot: slot) else { return found }
    // A reader's records are not what a search for writes finds.
    return newestAccess(other, to: monitor.id) ?? unknown(other, isWriting: !note.is_writing)
  }

  private static func isInside(_ note: audit_crash_note) -> Bool {
    guard let other = ThreadRegistry.recorder(slot: note.other_slot) else { return false }
    return other.pointee.isInside(note.monitor)
  }

  /// The record that the evidence rests on, if it is still there.
  private static func access(_ recorder: ThreadRecorderPointer, to id: UInt64, at index: UInt64) -> PendingReportAccess?
  {
    guard let record = recorder.pointee.ring.record(at: index), record.collectionID == id else { return nil }
    return access(recorder, record)
  }

  private static func newestAccess(_ recorder: ThreadRecorderPointer, to id: UInt64) -> PendingReportAccess? {
    var found: AccessRecord?
    recorder.pointee.ring.newestFirst(since: recorder.pointee.firstOwned.load(ordering: .acquiring)) { record in
      if record.collectionID == id, record.operation != .create, record.operation != .destroy { found = record }
      return found == nil
    }
    return found.map { access(recorder, $0) }
  }

  private static func access(_ recorder: ThreadRecorderPointer, _ record: AccessRecord) -> PendingReportAccess {
    let threadID = recorder.pointee.threadID.load(ordering: .relaxed)
    return PendingReportAccess(
      threadID: threadID, threadName: ProcessNames.thread(threadID), slot: recorder.pointee.slot,
      operation: record.operation, isWriting: record.isWriting, stackID: record.stackID, sequence: record.sequence,
      coarseMilliseconds: record.coarseMilliseconds)
  }

  private static func unknown(_ recorder: ThreadRecorderPointer, isWriting: Bool) -> PendingReportAccess {
    var access = PendingReportAccess.unknown(threadID: recorder.pointee.threadID.load(ordering: .relaxed))
    access.slot = recorder.pointee.slot
    access.isWriting = isWriting
    return access
  }
}

#endif
