// SPDX-License-Identifier: Apache-2.0
//
// From a conflict that an access saw to the detector: stop the others, find the other party's record, hand over, wait.
// Runs on the accessing thread, once for each conflict; every wait is bounded.

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

/// What an access saw.
struct Conflict {
  var kind: ViolationKind
  var monitor: MonitorReference
  var operation: AccessOperation
  var isWriting: Bool
  /// The version the access began with.
  var before: VersionWord
  /// The other party's slot; 0 when it is unknown.
  var otherSlot: UInt16
  /// The monitor the variable refers to now: a writer that had to fork is recorded under its ID.
  var otherMonitor: MonitorReference?
  /// Whether the other access was still in progress.
  var isInProgress: Bool
  /// The access's stack when it was recorded already; 0 to capture it.
  var stackID: UInt32 = 0
  /// How the collection went, for an access that finds it gone.
  var drop: OtherParty.Drop?
}

enum Conflicts {
  /// Accesses that found their collection gone while no record said that another thread had dropped it: not reported.
  static var unexplained: SharedWord<UInt64> { SharedWord(AUDIT_WORD_UNEXPLAINED) }

  /// Hands a conflict over. Returns when the process may go on; under `halt` it does not, unless the violation is
  /// suppressed.
  ///
  /// - Parameters:
  ///   - recorder: The calling thread's.
  ///   - frame: The frame whose caller made the access.
  static func report(_ conflict: Conflict, seenBy recorder: ThreadRecorderPointer, frame: UInt) {
    // A child that was forked without the C library's handlers learns of it here, before it counts anything.
    audit_notice_child()
    // A monitor that no thread's recorder made may be a stand-in: the audit's own doing, for a write that waited in vain.
    if conflict.kind == .replacedDuringWrite, conflict.otherMonitor?.isUnattributed == true { return }
    // A thread that a fork left behind in the parent is in nobody's way: what it had begun cannot go on.
    if ThreadRegistry.hasVanished(slot: conflict.otherSlot) { return }
    var conflict = conflict
    if conflict.kind == .destroyedDuringAccess, conflict.otherSlot == 0 {
      conflict.drop = conflict.drop ?? OtherParty.drop(of: conflict.monitor)
      guard let drop = conflict.drop else {
        unexplained.wrappingAdd(1, ordering: .relaxed)
        return
      }
      if drop.slot == recorder.pointee.slot { return }
    }
    audit_note_race()
    let address = UInt(bitPattern: conflict.monitor.address)
    let held = recorder.pointee.held.exchange(address, ordering: .sequentiallyConsistent)
    defer { recorder.pointee.held.store(held, ordering: .sequentiallyConsistent) }
    let isHalting = Engine.policy == .halt
    // Stops the other accesses at their entry, before they could end the process or overwrite the history.
    if isHalting, !Engine.exchangeActiveMode(AUDIT_MODE_HALTING) {
      // Another thread's violation is being reported; if that one is suppressed, this one is reported after it.
      HaltBarrier.wait()
      if !Engine.exchangeActiveMode(AUDIT_MODE_HALTING) { return }
    }
    if recorder.pointee.isWatched {
      Hunt.confirm(
        conflict.monitor.id, recorder, conflict.operation, isWriting: conflict.isWriting, frame: frame,
        wasVisited: conflict.stackID != 0, otherSlot: conflict.otherSlot)
    }
    let moment = Moment.now()
    let conflicting = conflict.drop?.access ?? OtherParty.find(conflict)
    let detected = record(conflict, recorder, frame: frame)
    let sighting = Sighting(
      kind: conflict.kind, collection: describe(conflict.monitor), detected: detected, conflicting: conflicting,
      conflictingIsInProgress: conflict.isInProgress, moment: moment, detectedScope: AuditScopes.context)
    hand(sighting, isHalting: isHalting)
    recorder.pointee.sightings.wrappingAdd(1, ordering: .releasing)
  }

  /// The calling thread's side: what it recorded when its access began, or a record made now.
  private static func record(
    _ conflict: Conflict, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> SightedAccess {
    var flags: AccessRecord.Flags = .attempt
    if conflict.isWriting { flags.insert(.writing) }
    var stackID = conflict.stackID
    var sequence: UInt64?
    if stackID == 0 {
      sequence = recorder.pointee.ring.head.load(ordering: .relaxed)
      stackID = recorder.pointee.record(
        frame: frame, collectionID: conflict.monitor.id,
        version: conflict.monitor.version.pointee.load(ordering: .relaxed), operation: conflict.operation,
        flags: flags.rawValue)
    }
    return SightedAccess(
      threadID: recorder.pointee.threadID.load(ordering: .relaxed), slot: recorder.pointee.slot,
      operation: conflict.operation, isWriting: conflict.isWriting, stackID: stackID, sequence: sequence)
  }

  /// A collection's last reference went while another thread was mutating it. Called as the monitor is retired.
  static func destroyed(_ monitor: MonitorReference, during version: VersionWord) {
    guard let recorder = Engine.recorderForAccess(), version.slot != recorder.pointee.slot else { return }
    report(
      Conflict(
        kind: .destroyedDuringAccess, monitor: monitor, operation: .destroy, isWriting: true, before: version,
        otherSlot: version.slot, isInProgress: true),
      seenBy: recorder, frame: audit_frame_address())
    // Under `report` the elements stay until the other write has ended, or waiting any longer would harm.
    var patience = Patience()
    while monitor.home.pointee.load(ordering: .acquiring) != 0, patience.wait(holding: monitor) {}
    // The other write has ended with an even version.
    monitor.version.pointee.store(VersionWord.retired.rawValue, ordering: .releasing)
  }

  private static func hand(_ sighting: Sighting, isHalting: Bool) {
    let isNew = SightingQueue.add(sighting) { sighting in
      sighting.detected.threadName = ProcessNames.thread(sighting.detected.threadID)
      sighting.conflicting.threadName = ProcessNames.thread(sighting.conflicting.threadID)
      sighting.detected.context = SightedContext.current()
    }
    if isHalting {
      // Known, and the process still runs: this race is suppressed.
      guard isNew else { return audit_set_mode(AUDIT_MODE_ON) }
      Detector.wake()
      HaltBarrier.waitForReport(sighting)
    } else if isNew {
      // The history is copied in a moment; until then nothing more is recorded over it.
      _ = Engine.exchangeActiveMode(AUDIT_MODE_FROZEN)
      Detector.wake()
    }
  }

  static func describe(_ monitor: MonitorReference) -> SightedCollection {
    let type = monitor.type
    // The storage may be going while it is read, so the kernel reads it.
    let count =
      type.collectionKind == .variable
      ? nil : MonitorSnapshot.elementCount(inStorage: monitor.storage(as: UInt.self).pointee)
    return SightedCollection(
      id: monitor.id, type: type, labelID: monitor.labelID, creationStackID: monitor.creationStackID,
      creatorThreadID: monitor.creatorThreadID, count: count, address: UInt(bitPattern: monitor.address),
      version: VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring)),
      creationScope: monitor.creationScope)
  }
}
