// SPDX-License-Identifier: Apache-2.0
//
// A crash inside an audited access that another thread overlapped. This runs in a signal handler:
// atomics, loads through the kernel, and system calls; no allocation, no lock, no metadata. The
// detector does the rest.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// What a crash signal means, and what the crashed thread waits for.
///
/// The process ends by the signal: the crash is reported, before the handler that was there, which
/// the toolchain's backtracer may be, has the signal. A handler of the program's own may repair the
/// fault, and then there was no crash. What the evidence shows is an overlap all the same, which
/// the access would see at its end: that is reported as what it is, at once, because the handler
/// may as well end the process.
enum CrashWatch {
  /// How long the handler waits for a report before it hands the signal on.
  private static let limitMilliseconds: UInt32 = 10_000
  /// The same where the program may go on.
  private static let shortLimitMilliseconds: UInt32 = 1_000

  /// Installs the handlers; everything lazy is made now, before a handler could need it.
  static func install() {
    _ = PendingReportQueue.unwritten.load(ordering: .relaxed)
    _ = ViolationResponse.current
    _ = ThreadRegistry.recorder(slot: 1)
    _ = Detector.isCurrentThread
    Detector.post()
    audit_install_crash_handlers { CrashWatch.observe($0, isEnd: $1) }
  }

  private static func observe(_ signal: Int32, isEnd: Bool) {
    if Detector.isCurrentThread { return }
    let limit = isEnd ? limitMilliseconds : shortLimitMilliseconds
    let mode = audit_mode()
    // A report is being written: it comes before the crash.
    if mode == AUDIT_MODE_HALTING { return waitWhileHalting(limit) }
    waitForReports(limit)
    guard mode != AUDIT_MODE_OFF, let pointer = audit_thread_recorder() else { return }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    var note = audit_crash_note()
    note.signal = signal
    note.is_end = isEnd
    note.slot = recorder.pointee.slot
    guard findEvidence(&note, recorder) else { return }
    // Once, because faults that are repaired may come by the thousand.
    if !isEnd, !audit_looks_first() { return }
    // The others stay out of the collections while the report is made, if the process ends with it.
    ViolationResponse.current.stopAccesses(forCrashThatEnds: isEnd)
    let isFirst = audit_note_crash(&note)
    if isFirst { Detector.post() }
    if !waitForCrash(), isFirst, isEnd { writeFacts(note, recorder) }
    // A handler that was there before may know how to go on. The detector thaws a history that it
    // had frozen once.
    _ = audit_exchange_mode(AUDIT_MODE_HALTING, mode == AUDIT_MODE_FROZEN ? ViolationResponse.current.accessMode : mode)
  }

  /// Asks about each access that the thread is in, innermost first: a crash in the closure of one
  /// may lie in another that is inside it.
  private static func findEvidence(_ note: inout audit_crash_note, _ recorder: ThreadRecorderPointer) -> Bool {
    var place = 0
    while place < ThreadRecorder.placeCount {
      let hazard = recorder.pointee.hazard(at: place)
      if hazard != 0 {
        note.is_writing = hazard & ThreadRecorder.writingMark != 0
        note.monitor = hazard & ~ThreadRecorder.writingMark
        if CrashEvidence.find(&note, recorder) { return true }
      }
      place &+= 1
    }
    return false
  }

  /// Waits until the crash that was noted, by this thread or another, is reported; `false` when the
  /// time is up.
  private static func waitForCrash() -> Bool {
    var wait = audit_begin_wait(limitMilliseconds)
    while audit_crash_waits() {
      audit_end_if_asked()
      if !audit_wait_on(&wait) { return false }
    }
    return true
  }

  private static func waitWhileHalting(_ limit: UInt32) {
    var wait = audit_begin_wait(limit)
    while audit_mode() == AUDIT_MODE_HALTING, audit_wait_on(&wait) {}
  }

  /// Waits until what other accesses have seen is reported.
  private static func waitForReports(_ limit: UInt32) {
    if PendingReportQueue.unwritten.load(ordering: .acquiring) <= 0 { return }
    Detector.post()
    var wait = audit_begin_wait(limit)
    while PendingReportQueue.unwritten.load(ordering: .acquiring) > 0, audit_wait_on(&wait) {}
  }

  /// The detector does not come to it: it may need what the crashed thread holds, as inside malloc.
  private static func writeFacts(_ note: audit_crash_note, _ recorder: ThreadRecorderPointer) {
    var other: Int32 = 0
    if let found = ThreadRegistry.recorder(slot: note.other_slot) {
      other = found.pointee.threadID.load(ordering: .relaxed)
    }
    audit_write_crash_facts(note.signal, recorder.pointee.threadID.load(ordering: .relaxed), other)
  }
}

#endif
