// SPDX-License-Identifier: Apache-2.0
//
// From a crash note to a sighting, on the detector thread. The crashed thread waits; its ring and the other party's are read
// as they are.

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

enum CrashSighting {
  /// The sighting of a noted crash; `nil` when the monitor can no longer be read.
  static func make(_ note: CrashNote) -> Sighting? {
    // A thread that was kept from the processor for long can crash on a monitor whose memory is in other hands by now: what it
    // holds is only believed when it says that it is one.
    var metadata: UInt64 = 0
    guard let address = UnsafeMutableRawPointer(bitPattern: note.monitor), audit_read_word(note.monitor, &metadata),
      metadata == UInt64(UInt(bitPattern: Monitor.metadataOfPinned)),
      let recorder = ThreadRegistry.recorder(slot: note.slot)
    else { return nil }
    let monitor = MonitorReference(address: address)
    let detected = newestAccess(recorder, to: monitor.id) ?? unknown(recorder, isWriting: note.isWriting)
    return Sighting(
      kind: .crashDuringAccess, collection: Conflicts.describe(monitor), detected: detected,
      conflicting: conflicting(note, monitor), conflictingIsInProgress: isInside(note),
      moment: Moment.now(), signal: note.signal)
  }

  private static func conflicting(_ note: CrashNote, _ monitor: MonitorReference) -> SightedAccess {
    let conflict = Conflict(
      kind: .destroyedDuringAccess, monitor: monitor, operation: .subscriptGet, isWriting: note.isWriting,
      before: VersionWord(rawValue: note.before), otherSlot: note.otherSlot, isInProgress: true)
    var found = OtherParty.find(conflict)
    found.threadName = ProcessNames.thread(found.threadID)
    guard found.operation == nil, let other = ThreadRegistry.recorder(slot: note.otherSlot) else { return found }
    // A reader's records are not what a search for writes finds.
    return newestAccess(other, to: monitor.id) ?? unknown(other, isWriting: !note.isWriting)
  }

  private static func isInside(_ note: CrashNote) -> Bool {
    guard let other = ThreadRegistry.recorder(slot: note.otherSlot) else { return false }
    return other.pointee.isInside(note.monitor)
  }

  private static func newestAccess(_ recorder: ThreadRecorderPointer, to id: UInt64) -> SightedAccess? {
    var found: AccessRecord?
    recorder.pointee.ring.newestFirst(since: recorder.pointee.firstOwned.load(ordering: .acquiring)) { record in
      if record.collectionID == id, record.operation != .create { found = record }
      return found == nil
    }
    return found.map { record in
      let threadID = recorder.pointee.threadID.load(ordering: .relaxed)
      return SightedAccess(
        threadID: threadID, threadName: ProcessNames.thread(threadID), slot: recorder.pointee.slot,
        operation: record.operation, isWriting: record.isWriting, stackID: record.stackID)
    }
  }

  private static func unknown(_ recorder: ThreadRecorderPointer, isWriting: Bool) -> SightedAccess {
    var access = SightedAccess.unknown(threadID: recorder.pointee.threadID.load(ordering: .relaxed))
    access.isWriting = isWriting
    return access
  }
}

/// The names of the signals that crashes raise.
enum SignalNames {
  static func name(_ signal: Int32) -> String {
    switch signal {
    case 11: "SIGSEGV"
    case 7: "SIGBUS"
    case 4: "SIGILL"
    case 5: "SIGTRAP"
    default: "signal \(signal)"
    }
  }
}
