// SPDX-License-Identifier: Apache-2.0
//
// The slow path of a read: no recorder yet, a writer inside, a version that changed. Reports are
// handed over, not made, here; every wait is bounded.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
public import AccessTerms
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
    guard let recorder = Recording.recorderForAccess() else {
      return ReadWindow(unaudited: address)
    }
    let window = openUnusually(address, operation, recorder, frame: frame)
    return audit_traffic_is_observed() ? observed(window, operation, recorder, frame: frame) : window
  }

  /// The observed form of a window. The observation takes time, and the elements are touched next:
  /// read step 3 of the Protocol is made again behind it.
  private static func observed(
    _ window: ReadWindow, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> ReadWindow {
    let observed = window.observed(operation, recorder)
    if window.hazard == nil || observed.hazard != nil { return observed }
    let monitor = MonitorReference(address: window.monitor)
    if monitor.version.pointee.load(ordering: .acquiring) == window.version { return observed }
    audit_traffic_cancel(UInt64(observed.outer))
    window.withdraw()
    return openContended(monitor, operation, recorder, frame: frame, before: window.version, isRecorded: true)
  }

  private static func openUnusually(
    _ address: UnsafeMutableRawPointer, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> ReadWindow {
    let monitor = MonitorReference(address: address)
    if Shield.isUp { return Shield.openRead(monitor, operation, recorder, frame: frame) }
    let version = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    if isConflict(version, recorder) {
      return openContended(monitor, operation, recorder, frame: frame, before: version.rawValue)
    }
    Recording.record(
      recorder, frame: frame, collectionID: monitor.id, version: version.rawValue, operation: operation, flags: 0)
    let window = publish(monitor, version: version.rawValue, operation, recorder)
    monitor.hunt(operation, isWriting: false, recorder, frame: frame)
    if monitor.version.pointee.load(ordering: .acquiring) == version.rawValue { return window }
    window.withdraw()
    return openContended(
      monitor, operation, recorder, frame: frame, before: version.rawValue, isRecorded: true)
  }

  /// A write is in progress, or one began or ended since the version `before` was loaded.
  ///
  /// - Parameter isRecorded: Whether the read has made its record.
  static func openContended(
    _ monitor: MonitorReference, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, frame: UInt,
    before: UInt64, isRecorded: Bool = false
  ) -> ReadWindow {
    let saved = errno
    defer { errno = saved }
    let before = VersionWord(rawValue: before)
    let now = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    if now == before, !isConflict(before, recorder) {
      // Inside this thread's own write: the law of exclusivity, which the language enforces. Not
      // ours.
      Recording.record(
        recorder, frame: frame, collectionID: monitor.id, version: before.rawValue, operation: operation, flags: 0)
      return publish(monitor, version: before.rawValue, operation, recorder)
    }
    let recorded = isRecorded ? ownRecord(of: monitor, before, operation, recorder) : nil
    if before.isRetired || now.isRetired {
      reportRetired(monitor, operation, recorder, before: before, frame: frame, recorded: recorded)
      return EmptyFallback.read(monitor)
    }
    let (kind, slot) = classify(before: before, now: now)
    if slot == recorder.pointee.slot {
      return ReadWindow(unaudited: monitor.address)
    }
    Conflicts.report(
      Conflict(
        kind: kind, monitor: monitor, operation: operation, isWriting: false, before: before, otherSlot: slot,
        isInProgress: before.isInProgress || now.isInProgress, recorded: recorded),
      seenBy: recorder, frame: frame)
    // The process goes on: read when the writer is done, or when waiting any longer would harm.
    var backoff = Backoff()
    while VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring)).isInProgress,
      !ThreadRegistry.hasVanished(slot: slot), backoff.wait(holding: monitor)
    {}
    return EmptyFallback.read(monitor)
  }

  /// The version changed while the elements were read.
  @usableFromInline @inline(never)
  func closeChanged(_ operation: AccessOperation) {
    let saved = errno
    defer { errno = saved }
    guard let recorder = Recording.recorderForAccess() else { return }
    let before = VersionWord(rawValue: version)
    let monitor = MonitorReference(address: monitor)
    let now = VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring))
    let frame = audit_frame_address()
    let recorded = Self.ownRecord(of: monitor, before, operation, recorder)
    if before.isRetired || now.isRetired {
      return Self.reportRetired(monitor, operation, recorder, before: before, frame: frame, recorded: recorded)
    }
    let (kind, slot) = Self.classify(before: before, now: now)
    if slot == recorder.pointee.slot { return }
    Conflicts.report(
      Conflict(
        kind: kind, monitor: monitor, operation: operation,
        isWriting: false, before: before, otherSlot: slot, isInProgress: now.isInProgress,
        recorded: recorded),
      seenBy: recorder, frame: frame)
  }

  /// What a read has met that began at version `before` and finds `now`, and the other party's
  /// slot.
  private static func classify(before: VersionWord, now: VersionWord) -> (ViolationKind, UInt16) {
    before.isWriting ? (.readDuringWrite, before.slot) : (.writeDuringRead, now.slot)
  }

  /// Reports that the collection was dropped while it was being read, if another thread's record
  /// says so.
  ///
  /// That the monitor is retired tells nothing of who did it, and when: a copy's write may have
  /// left it long before.
  static func reportRetired(
    _ monitor: MonitorReference, _ operation: AccessOperation, _ recorder: ThreadRecorderPointer, before: VersionWord,
    frame: UInt, recorded: OwnRecord?
  ) {
    let drop = OtherParty.drop(of: monitor)
    if drop?.slot == recorder.pointee.slot { return }
    Conflicts.report(
      Conflict(
        kind: drop?.isByWrite == true ? .writeDuringRead : .destroyedDuringAccess, monitor: monitor,
        operation: operation, isWriting: false, before: before, otherSlot: 0, isInProgress: false, recorded: recorded,
        drop: drop),
      seenBy: recorder, frame: frame)
  }

  /// The record that was made when this read began; `nil` when it is gone.
  private static func ownRecord(
    of monitor: MonitorReference, _ version: VersionWord, _ operation: AccessOperation,
    _ recorder: ThreadRecorderPointer
  ) -> OwnRecord? {
    let id = monitor.id
    var found: OwnRecord?
    recorder.pointee.ring.newestFirst(since: recorder.pointee.firstOwned.load(ordering: .relaxed)) { record in
      guard record.collectionID == id, record.version.rawValue == version.rawValue,
        record.operation.code == operation.code
      else { return true }
      found = OwnRecord(stackID: record.stackID, sequence: record.sequence)
      return false
    }
    return found
  }

  private static func isConflict(_ version: VersionWord, _ recorder: ThreadRecorderPointer) -> Bool {
    version.isWriting && version.slot != recorder.pointee.slot
  }
}

#endif
