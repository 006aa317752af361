// SPDX-License-Identifier: Apache-2.0
//
// The slow path of a read: no recorder yet, a writer inside, a version that changed. Reports are handed over, not
// made, here; every wait is bounded.

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

extension ReadWindow {
  /// Auditing is off, suppressed, frozen or halting, or this is the thread's first access.
  static func openUnusually(
    _ address: UnsafeMutableRawPointer, _ operation: AccessOperation, frame: UInt
  ) -> ReadWindow {
    let saved = errno
    defer { errno = saved }
    guard let recorder = Engine.recorderForAccess() else {
      return ReadWindow(unaudited: address)
    }
    let monitor = MonitorReference(address: address)
    if Shield.isUp { return Shield.openRead(monitor, operation, recorder, frame: frame) }
    let version = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    if isConflict(version, recorder) {
      return openContended(monitor, operation, recorder, frame: frame, before: version.rawValue)
    }
    Engine.record(
      recorder, frame: frame, collectionID: monitor.id, version: version.rawValue, operation: operation, flags: [])
    let window = publish(monitor, version: version.rawValue, operation, recorder)
    if recorder.pointee.isWatched { Hunt.visit(recorder, monitor, operation, isWriting: false, frame: frame) }
    if monitor.version.pointee.load(ordering: .acquiring) == version.rawValue { return window }
    window.withdraw()
    return openContended(monitor, operation, recorder, frame: frame, before: version.rawValue)
  }

  /// A write is in progress, or one began or ended since the version `before` was loaded.
  static func openContended(
    _ monitor: MonitorReference, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt,
    before: UInt64
  ) -> ReadWindow {
    let saved = errno
    defer { errno = saved }
    let before = VersionWord(rawValue: before)
    let now = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    if now == before, !isConflict(before, recorder) {
      // Inside this thread's own write: the law of exclusivity, which the language enforces. Not ours.
      Engine.record(
        recorder, frame: frame, collectionID: monitor.id, version: before.rawValue, operation: operation, flags: [])
      return publish(monitor, version: before.rawValue, operation, recorder)
    }
    if before.isRetired || now.isRetired {
      reportRetired(monitor, operation, recorder, before: before, frame: frame, stackID: 0)
      return StandIn.read(monitor)
    }
    let (kind, slot) = classify(before: before, now: now)
    if slot == recorder.pointee.slot {
      return ReadWindow(unaudited: monitor.address)
    }
    Conflicts.report(
      Conflict(
        kind: kind, monitor: monitor, operation: operation, isWriting: false, before: before, otherSlot: slot,
        isInProgress: before.isInProgress || now.isInProgress),
      seenBy: recorder, frame: frame)
    // The process goes on: read when the writer is done, or when waiting any longer would harm.
    var patience = Patience()
    while VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring)).isInProgress,
      !ThreadRegistry.hasVanished(slot: slot), patience.wait(holding: monitor)
    {}
    return StandIn.read(monitor)
  }

  /// The version changed while the elements were read.
  @usableFromInline @inline(never)
  func closeChanged(_ operation: AccessOperation) {
    let saved = errno
    defer { errno = saved }
    guard let recorder = Engine.recorderForAccess() else { return }
    let before = VersionWord(rawValue: version)
    let monitor = MonitorReference(address: monitor)
    let now = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    let frame = audit_frame_address()
    if before.isRetired || now.isRetired {
      let stackID = ownStackID(recorder, operation)
      return Self.reportRetired(monitor, operation, recorder, before: before, frame: frame, stackID: stackID)
    }
    let (kind, slot) = Self.classify(before: before, now: now)
    if slot == recorder.pointee.slot { return }
    Conflicts.report(
      Conflict(
        kind: kind, monitor: monitor, operation: operation,
        isWriting: false, before: before, otherSlot: slot, isInProgress: now.isInProgress,
        stackID: ownStackID(recorder, operation)),
      seenBy: recorder, frame: frame)
  }

  /// What a read has met that began at version `before` and finds `now`, and the other party's slot.
  private static func classify(before: VersionWord, now: VersionWord) -> (ViolationKind, UInt16) {
    before.isWriting ? (.readDuringWrite, before.slot) : (.writeDuringRead, now.slot)
  }

  /// Reports that the collection was dropped while it was being read, if another thread's record says so.
  ///
  /// That the monitor is retired tells nothing of who did it, and when: a copy's write may have left it long before.
  static func reportRetired(
    _ monitor: MonitorReference, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, before: VersionWord,
    frame: UInt, stackID: UInt32
  ) {
    let drop = OtherParty.drop(of: monitor)
    if drop?.slot == recorder.pointee.slot { return }
    Conflicts.report(
      Conflict(
        kind: drop?.isByWrite == true ? .writeDuringRead : .destroyedDuringAccess, monitor: monitor,
        operation: operation, isWriting: false, before: before, otherSlot: 0, isInProgress: false, stackID: stackID,
        drop: drop),
      seenBy: recorder, frame: frame)
  }

  /// The stack that was recorded when this read began; 0 when the record is gone.
  private func ownStackID(_ recorder: ThreadRecorderPointer, _ operation: AccessOperation) -> UInt32 {
    let id = MonitorReference(address: monitor).id
    var stackID: UInt32 = 0
    recorder.pointee.ring.newestFirst(since: recorder.pointee.firstOwned.load(ordering: .relaxed)) { record in
      let isOwn = record.collectionID == id && record.version.rawValue == version && record.operation == operation
      if isOwn { stackID = record.stackID }
      return !isOwn
    }
    return stackID
  }

  private static func isConflict(_ version: VersionWord, _ recorder: ThreadRecorderPointer) -> Bool {
    version.isWriting && version.slot != recorder.pointee.slot
  }
}
