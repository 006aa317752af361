// SPDX-License-Identifier: Apache-2.0
//
// Finding the record of the access that the calling thread's access overlapped with. What is not found is called
// unknown, never guessed.

internal import AccessRecorder
internal import Synchronization

enum OtherParty {
  /// How long to wait for a record that its thread is about to push: the first sight of a stack can take that long.
  private static let waitMilliseconds = 100

  static func find(_ conflict: Conflict) -> SightedAccess {
    if let recorder = ThreadRegistry.recorder(slot: conflict.otherSlot) { return writer(recorder, conflict) }
    if conflict.kind == .destroyedDuringAccess { return destroyer(of: conflict.monitor) }
    return .unknown(threadID: 0)
  }

  /// The write by the other thread that overlapped with an access begun at version `before`: the earliest one recorded
  /// since. Its record may not have been pushed yet, because unwinding happens inside the window.
  private static func writer(_ recorder: ThreadRecorderPointer, _ conflict: Conflict) -> SightedAccess {
    let threadID = recorder.pointee.threadID.load(ordering: .relaxed)
    let id = conflict.monitor.id
    let forkedID = conflict.otherMonitor?.id ?? id
    var patience = Patience(milliseconds: waitMilliseconds)
    repeat {
      if let record = write(in: recorder, since: conflict.before, id: id, forkedID: forkedID) {
        return SightedAccess(
          threadID: threadID, slot: recorder.pointee.slot, operation: record.operation, isWriting: true,
          stackID: record.stackID, sequence: record.sequence, coarseMilliseconds: record.coarseMilliseconds)
      }
      if let note = recorder.pointee.frozenWrite.note, note.collectionID == id || note.collectionID == forkedID,
        conflict.before.isRetired || note.collectionID == forkedID || note.version.counter >= conflict.before.counter
      {
        return SightedAccess(
          threadID: threadID, slot: recorder.pointee.slot, operation: note.operation, isWriting: true,
          stackID: note.stackID)
      }
      // Its window is over, and with it the time to push a record: there was none, or it is overwritten.
      let owner = HomeWord(rawValue: conflict.monitor.home.pointee.load(ordering: .acquiring))
      if owner.slot != recorder.pointee.slot { break }
    } while patience.wait()
    return .unknown(threadID: threadID)
  }

  /// The earliest write since a version; the latest one when that says nothing of when the access began, because the
  /// monitor was retired by then.
  private static func write(
    in recorder: ThreadRecorderPointer, since before: VersionWord, id: UInt64, forkedID: UInt64
  ) -> AccessRecord? {
    var found: AccessRecord?
    let first = recorder.pointee.firstOwned.load(ordering: .acquiring)
    recorder.pointee.ring.newestFirst(since: first) { record in
      guard record.isWriting, !record.flags.contains(.attempt) else { return true }
      if record.collectionID == id {
        if before.isRetired {
          found = record
          return false
        }
        guard record.version.counter >= before.counter else { return false }
        found = record
      } else if record.collectionID == forkedID {
        found = record
      }
      return true
    }
    return found
  }

  /// Who destroyed the collection, if its record is still there.
  private static func destroyer(of monitor: MonitorReference) -> SightedAccess {
    let id = monitor.id
    for recorder in ThreadRegistry.all {
      var found: AccessRecord?
      let first = recorder.pointee.firstOwned.load(ordering: .acquiring)
      recorder.pointee.ring.newestFirst(since: first) { record in
        if record.collectionID == id, record.operation == .destroy { found = record }
        return found == nil
      }
      if let record = found {
        return SightedAccess(
          threadID: recorder.pointee.threadID.load(ordering: .relaxed), slot: recorder.pointee.slot,
          operation: .destroy, isWriting: true, stackID: record.stackID, sequence: record.sequence,
          coarseMilliseconds: record.coarseMilliseconds)
      }
    }
    return .unknown(threadID: 0)
  }
}
