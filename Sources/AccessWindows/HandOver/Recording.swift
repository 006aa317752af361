// SPDX-License-Identifier: Apache-2.0
//
// What an access asks for before it is recorded: the calling thread's recorder, and whether the
// history is frozen. Slow paths only.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum Recording {
  /// The calling thread's recorder, attaching the thread if need be; `nil` when its accesses are
  /// not to be audited: off, suppressed, or no recorder to be had. Waits while the process is
  /// halting.
  static func recorderForAccess() -> ThreadRecorderPointer? {
    if audit_mode() == AUDIT_MODE_HALTING {
      audit_notice_child()
      HaltBarrier.wait()
    }
    if audit_mode() == AUDIT_MODE_OFF { return nil }
    return currentRecorder()
  }

  /// The calling thread's recorder without regard to the mode; `nil` when suppressed or none can be
  /// had.
  static func currentRecorder() -> ThreadRecorderPointer? {
    let pointer = audit_thread_recorder()
    if pointer == nil, audit_suppression_depth() != 0 { return nil }
    if audit_mode() == AUDIT_MODE_IDLE { Idleness.end() }
    if let pointer { return pointer.assumingMemoryBound(to: ThreadRecorder.self) }
    audit_notice_child()
    guard OutwardCalls.start() else { return ThreadRegistry.refuseThread() }
    return ThreadRegistry.attach() ?? noteRefusal()
  }

  /// Pushes a record, unless the history is frozen; returns the stack's ID.
  @discardableResult
  static func record(
    _ recorder: ThreadRecorderPointer, frame: UInt, collectionID: UInt64, version: UInt64,
    operation: AccessOperation, flags: UInt8
  ) -> UInt32 {
    if audit_mode() == AUDIT_MODE_FROZEN {
      recorder.pointee.recordFrozen(
        frame: frame, collectionID: collectionID, version: version, operation: operation,
        isWriting: flags & AccessRecord.Flags.writingCode != 0)
      return 0
    }
    return recorder.pointee.record(
      frame: frame, collectionID: collectionID, version: version, operation: operation, flags: flags)
  }

  /// Records that a collection is gone, for the access that finds its monitor retired.
  static func recordDestruction(of monitor: MonitorReference, frame: UInt) {
    if audit_mode() == AUDIT_MODE_IDLE { Idleness.end() }
    guard audit_mode() != AUDIT_MODE_OFF, let pointer = audit_thread_recorder() else { return }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    guard audit_mode() == ViolationResponse.current.accessMode else {
      return recorder.pointee.recordFrozen(
        frame: frame, collectionID: monitor.id, version: VersionWord.retired.rawValue, operation: .destroy,
        isWriting: true)
    }
    _ = recorder.pointee.record(
      frame: frame, collectionID: monitor.id, version: VersionWord.retired.rawValue, operation: .destroy,
      flags: AccessRecord.Flags.writingCode | AccessRecord.Flags.attemptCode)
  }

  private static var hasWarnedOfThreads: SharedWord<Bool> { SharedWord(AUDIT_WORD_WARNED_OF_THREADS) }

  /// Says that a thread could not be given a recorder, the first time. Its accesses go on
  /// unaudited, and it is counted in `AuditDiagnostics.threadsRefused`.
  ///
  /// - Returns: `nil`, in place of the recorder.
  private static func noteRefusal() -> ThreadRecorderPointer? {
    if hasWarnedOfThreads.load(ordering: .relaxed) || hasWarnedOfThreads.exchange(true, ordering: .relaxed) {
      return nil
    }
    writeWithoutAllocation(
      "AccessAudit: warning: no memory or no slot for another thread: its accesses are not audited until there is\n")
    return nil
  }

  private static func writeWithoutAllocation(_ line: StaticString) {
    let saved = errno
    _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
    errno = saved
  }
}

#endif
