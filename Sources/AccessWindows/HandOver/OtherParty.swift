// SPDX-License-Identifier: Apache-2.0
//
// Finding the record of the access that the calling thread's access overlapped with. What is not
// found is called unknown, never guessed.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import AccessRecorder
internal import Synchronization

package enum OtherParty {
  /// How long to wait for a record that its thread is about to push: the first sight of a stack can
  /// take that long.
  private static let waitMilliseconds = 100

  package static func find(_ conflict: Conflict) -> PendingReportAccess {
    if let recorder = ThreadRegistry.recorder(slot: conflict.otherSlot) { return writer(recorder, conflict) }
    if conflict.kind == .destroyedDuringAccess, let drop = drop(of: conflict.monitor) { return drop.access }
    return .unknown(threadID: 0)
  }

  /// The write by the other thread that overlapped with an access begun at version `before`: the
  /// earliest one recorded since. Its record may not have been pushed yet, because unwinding
  /// happens inside the window.
  private static func writer(_ recorder: ThreadRecorderPointer, _ conflict: Conflict) -> PendingReportAccess {
    guard let owner = recorder.pointee.owner else { return .unknown(threadID: 0) }
    let threadID = owner.threadID
    let id = conflict.monitor.id
    let detachedID = conflict.otherMonitor?.id ?? id
    var backoff = Backoff(milliseconds: waitMilliseconds)
    repeat {
      let record = write(in: recorder, owner, since: conflict.before, id: id, detachedID: detachedID)
      // The slot is another thread's by now: which of them made the write cannot be told.
      guard recorder.pointee.isOwned(by: owner) else { return .unknown(threadID: 0) }
      if let record {
        return PendingReportAccess(
          threadID: threadID, slot: recorder.pointee.slot, operation: record.operation, isWriting: true,
          stackID: record.stackID, sequence: record.sequence, coarseMilliseconds: record.coarseMilliseconds)
      }
      if let note = recorder.pointee.frozenWrite.note, note.collectionID == id || note.collectionID == detachedID,
        conflict.before.isRetired || note.collectionID == detachedID || note.version.counter >= conflict.before.counter
      {
        return PendingReportAccess(
          threadID: threadID, slot: recorder.pointee.slot, operation: note.operation, isWriting: true,
          stackID: note.stackID)
      }
      // Its window is over, and with it the time to push a record: there was none, or it is
      // overwritten.
      let owner = WriterWord(rawValue: conflict.monitor.writer.pointee.load(ordering: .acquiring))
      if owner.slot != recorder.pointee.slot { break }
    } while backoff.wait(holding: conflict.monitor)
    return .unknown(threadID: threadID)
  }

  /// The earliest write since a version; the latest one when that says nothing of when the access
  /// began, because the monitor was retired by then.
  private static func write(
    in recorder: ThreadRecorderPointer, _ owner: RecorderOwner, since before: VersionWord, id: UInt64,
    detachedID: UInt64
  ) -> AccessRecord? {
    var found: AccessRecord?
    recorder.pointee.search(owner, for: .write, of: id, or: detachedID) { record in
      guard record.collectionID == id else {
        found = record
        return true
      }
      if before.isRetired {
        found = record
        return false
      }
      guard record.version.counter >= before.counter else { return false }
      found = record
      return true
    }
    return found
  }

  /// How the last reference to a collection went, from the record of the thread that dropped it.
  package struct Drop {
    package var slot: UInt16
    /// A write dropped it, because it gave its variable a monitor of its own.
    var isByWrite: Bool
    package var access: PendingReportAccess
  }

  /// Who dropped the last reference to a monitor that is retired; `nil` if the record is gone, or
  /// never was. It is appended before the monitor says that it is retired.
  package static func drop(of monitor: MonitorReference) -> Drop? {
    let id = monitor.id
    for recorder in ThreadRegistry.all {
      guard let owner = recorder.pointee.owner else { continue }
      var dropped: AccessRecord?
      var before: AccessRecord?
      recorder.pointee.ring.newestFirst(since: owner.firstRecord) { record in
        if dropped != nil {
          before = record
          return false
        }
        if record.collectionID == id, RecordKind.destruction.includes(record) { dropped = record }
        return true
      }
      guard recorder.pointee.isOwned(by: owner) else { continue }
      let threadID = owner.threadID
      if let dropped {
        // A write that forks records itself under the old monitor, and drops that at once.
        let write = before.flatMap { $0.collectionID == id && $0.isWriting && !$0.flags.contains(.attempt) ? $0 : nil }
        let record = write ?? dropped
        return Drop(
          slot: recorder.pointee.slot, isByWrite: write != nil,
          access: PendingReportAccess(
            threadID: threadID, slot: recorder.pointee.slot, operation: record.operation, isWriting: true,
            stackID: record.stackID, sequence: record.sequence, coarseMilliseconds: record.coarseMilliseconds))
      }
      if let note = recorder.pointee.frozenWrite.note, note.collectionID == id, note.operation == .destroy {
        return Drop(
          slot: recorder.pointee.slot, isByWrite: false,
          access: PendingReportAccess(
            threadID: threadID, slot: recorder.pointee.slot, operation: .destroy, isWriting: true,
            stackID: note.stackID))
      }
    }
    return nil
  }
}

#endif
