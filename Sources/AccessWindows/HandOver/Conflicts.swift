// SPDX-License-Identifier: Apache-2.0
//
// From a conflict that an access saw to the detector: stop the others, find the other party's
// record, hand over, wait. Runs on the accessing thread, once for each conflict; every wait is
// bounded.

#if AUDITED && canImport(Glibc)

package import AccessRecorder
package import AccessTerms
internal import CAccessRecorder
internal import Synchronization

/// What an access saw.
package struct Conflict {
  package var kind: ViolationKind
  package var monitor: MonitorReference
  package var operation: AccessOperation
  package var isWriting: Bool
  /// The version the access began with.
  package var before: VersionWord
  /// The other party's slot; 0 when it is unknown.
  package var otherSlot: UInt16
  /// The monitor the variable refers to now: a writer that had to fork is recorded under its ID.
  var otherMonitor: MonitorReference?
  /// Whether the other access was still in progress.
  package var isInProgress: Bool
  /// The record that the access has made already; otherwise one is made now.
  package var recorded: OwnRecord?
  /// How the collection went, for an access that finds it gone.
  package var drop: OtherParty.Drop?

  package init(
    kind: ViolationKind, monitor: MonitorReference, operation: AccessOperation, isWriting: Bool,
    before: VersionWord, otherSlot: UInt16, otherMonitor: MonitorReference? = nil, isInProgress: Bool,
    recorded: OwnRecord? = nil, drop: OtherParty.Drop? = nil
  ) {
    self.kind = kind
    self.monitor = monitor
    self.operation = operation
    self.isWriting = isWriting
    self.before = before
    self.otherSlot = otherSlot
    self.otherMonitor = otherMonitor
    self.isInProgress = isInProgress
    self.recorded = recorded
    self.drop = drop
  }
}

/// A record of the calling thread's: its stack, and where it stands in the ring.
package struct OwnRecord {
  package var stackID: UInt32
  package var sequence: UInt64
}

package enum Conflicts {
  /// Accesses that found their collection gone while no record said that another thread had dropped
  /// it: not reported.
  package static var unexplained: SharedWord<UInt64> { SharedWord(AUDIT_WORD_UNEXPLAINED) }

  /// Hands a conflict over. Returns when the process may go on; under `halt` it does not, unless
  /// the violation is suppressed.
  ///
  /// - Parameters:
  ///   - recorder: The calling thread's.
  ///   - frame: The frame whose caller made the access.
  package static func report(_ conflict: Conflict, seenBy recorder: ThreadRecorderPointer, frame: UInt) {
    // A child that was forked without the C library's handlers learns of it here, before it counts
    // anything.
    audit_notice_child()
    // A monitor that no thread's recorder made may be a stand-in: the audit's own doing, for a
    // write that waited in vain.
    if conflict.kind == .replacedDuringWrite, conflict.otherMonitor?.isUnattributed == true { return }
    // A thread that a fork left behind in the parent is in nobody's way: what it had begun cannot
    // go on.
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
    let held = recorder.pointee.hold(address)
    defer { recorder.pointee.letGo(held) }
    let response = ViolationResponse.current
    guard response.stopAccesses() else { return }
    if recorder.pointee.isWatched {
      Hunt.confirm(
        conflict.monitor.id, recorder, conflict.operation, isWriting: conflict.isWriting, frame: frame,
        wasVisited: conflict.recorded != nil, otherSlot: conflict.otherSlot)
    }
    let moment = Moment.now()
    let conflicting = conflict.drop?.access ?? OtherParty.find(conflict)
    let detected = record(conflict, recorder, frame: frame)
    let pendingReport = PendingReport(
      kind: conflict.kind, collection: describe(conflict.monitor), detected: detected, conflicting: conflicting,
      conflictingIsInProgress: conflict.isInProgress, moment: moment, detectedScope: OutwardCalls.scope,
      endsProcess: response.endsProcess)
    hand(pendingReport, response)
    recorder.pointee.pendingReports.wrappingAdd(1, ordering: .releasing)
  }

  /// The calling thread's side: what it recorded when its access began, or a record made now.
  private static func record(
    _ conflict: Conflict, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> PendingReportAccess {
    let own = conflict.recorded ?? makeRecord(conflict, recorder, frame: frame)
    return PendingReportAccess(
      threadID: recorder.pointee.threadID.load(ordering: .relaxed), slot: recorder.pointee.slot,
      operation: conflict.operation, isWriting: conflict.isWriting, stackID: own.stackID, sequence: own.sequence)
  }

  private static func makeRecord(
    _ conflict: Conflict, _ recorder: ThreadRecorderPointer, frame: UInt
  ) -> OwnRecord {
    let sequence = recorder.pointee.ring.head.load(ordering: .relaxed)
    let flags = AccessRecord.Flags.attemptCode | (conflict.isWriting ? AccessRecord.Flags.writingCode : 0)
    let stackID = recorder.pointee.record(
      frame: frame, collectionID: conflict.monitor.id,
      version: conflict.monitor.version.pointee.load(ordering: .relaxed), operation: conflict.operation, flags: flags)
    return OwnRecord(stackID: stackID, sequence: sequence)
  }

  /// A collection's last reference went while another thread was mutating it. Called as the monitor
  /// is retired.
  package static func destroyed(_ monitor: MonitorReference, during version: VersionWord) {
    guard let recorder = Recording.recorderForAccess(), version.slot != recorder.pointee.slot else { return }
    report(
      Conflict(
        kind: .destroyedDuringAccess, monitor: monitor, operation: .destroy, isWriting: true, before: version,
        otherSlot: version.slot, isInProgress: true),
      seenBy: recorder, frame: audit_frame_address())
    // Under `report` the elements stay until the other write has ended, or waiting any longer would
    // harm.
    var backoff = Backoff()
    while monitor.writer.pointee.load(ordering: .acquiring) != 0, backoff.wait(holding: monitor) {}
    // The other write has ended with an even version.
    monitor.version.pointee.store(VersionWord.retired.rawValue, ordering: .releasing)
  }

  private static func hand(_ pendingReport: PendingReport, _ response: ViolationResponse) {
    let isNew = PendingReportQueue.add(pendingReport) { pendingReport in
      pendingReport.detected.threadName = ProcessNames.thread(pendingReport.detected.threadID)
      pendingReport.conflicting.threadName = ProcessNames.thread(pendingReport.conflicting.threadID)
      pendingReport.detected.context = PendingReportContext.current()
    }
    response.handOver(pendingReport, isNew: isNew)
  }

  package static func describe(_ monitor: MonitorReference) -> PendingReportCollection {
    let type = monitor.type
    // The storage may be going while it is read, so the kernel reads it.
    let count =
      type.collectionKind == .variable
      ? nil : MonitorSnapshot.elementCount(inStorage: monitor.storage(as: UInt.self).pointee)
    return PendingReportCollection(
      id: monitor.id, type: type, labelID: monitor.labelID, creationStackID: monitor.creationStackID,
      creatorThreadID: monitor.creatorThreadID, count: count, address: UInt(bitPattern: monitor.address),
      version: VersionWord(rawValue: monitor.version.pointee.load(ordering: .acquiring)),
      creationScope: monitor.creationScope)
  }
}

#endif
