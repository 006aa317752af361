// SPDX-License-Identifier: Apache-2.0
//
// A crash inside an audited access that another thread overlapped. This runs in a signal handler: atomics, loads through
// the kernel, and system calls; no allocation, no lock, no metadata. The detector does the rest.

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// What the handler notes for the detector.
struct CrashNote {
  var signal: Int32 = 0
  var monitor: UInt = 0
  var slot: UInt16 = 0
  var isWriting = false
  /// The version the crashed access began with; 0 when its record is gone.
  var before: UInt64 = 0
  /// The other party; 0 when only the collection's destruction is known.
  var otherSlot: UInt16 = 0
}

enum CrashWatch {
  private static let idle: Int32 = 0
  private static let filling: Int32 = 1
  private static let ready: Int32 = 2
  private static let reported: Int32 = 3
  /// How long the handler waits for a report before it hands the signal on.
  private static let limitNanoseconds: UInt64 = 10_000_000_000

  private static let state = Atomic<Int32>(0)
  nonisolated(unsafe) private static let note: UnsafeMutablePointer<CrashNote> = {
    let note = UnsafeMutablePointer<CrashNote>.allocate(capacity: 1)
    note.initialize(to: CrashNote())
    return note
  }()

  /// Installs the handlers; everything lazy is made now, before a handler could need it.
  static func install() {
    _ = note.pointee.signal
    _ = findOtherParty(monitor: 0, recorder: nil)
    _ = SightingQueue.unwritten.load(ordering: .relaxed)
    Detector.post()
    audit_install_crash_handlers { CrashWatch.observe($0) }
  }

  private static func observe(_ signal: Int32) {
    if Detector.isCurrentThread { return }
    let mode = audit_mode()
    // A report is being written: it comes before the crash.
    if mode == AUDIT_MODE_HALTING { return wait { audit_mode() == AUDIT_MODE_HALTING } }
    if SightingQueue.unwritten.load(ordering: .acquiring) > 0 {
      Detector.post()
      wait { SightingQueue.unwritten.load(ordering: .acquiring) > 0 }
    }
    guard mode != AUDIT_MODE_OFF, let pointer = audit_thread_recorder() else { return }
    let recorder = pointer.assumingMemoryBound(to: ThreadRecorder.self)
    let current = recorder.pointee.innermostPresence
    guard current != 0, let found = findOtherParty(monitor: current & ~1, recorder: recorder) else { return }
    guard state.compareExchange(expected: idle, desired: filling, ordering: .acquiringAndReleasing).exchanged else {
      return wait { state.load(ordering: .acquiring) != reported }
    }
    note.pointee = CrashNote(
      signal: signal, monitor: current & ~1, slot: recorder.pointee.slot, isWriting: current & 1 == 1,
      before: found.before, otherSlot: found.slot)
    // The others stay out of the collections while the report is made.
    audit_set_mode(AUDIT_MODE_HALTING)
    state.store(ready, ordering: .releasing)
    Detector.post()
    wait { state.load(ordering: .acquiring) != reported }
    // A handler that was there before may know how to go on.
    audit_set_mode(mode)
  }

  private static func wait(while condition: () -> Bool) {
    let deadline = Moment.now().advanced(byNanoseconds: limitNanoseconds)
    while condition(), Moment.now() < deadline { usleep(200) }
  }

  private struct Finding {
    var before: UInt64
    var slot: UInt16
  }

  /// Whether another thread overlapped the access to this monitor, and which.
  private static func findOtherParty(monitor: UInt, recorder: ThreadRecorderPointer?) -> Finding? {
    var version: UInt64 = 0
    var home: UInt64 = 0
    var id: UInt64 = 0
    // The monitor may be gone: the kernel reads it.
    guard let recorder, audit_read_word(monitor + UInt(MonitorReference.Offset.version), &version),
      audit_read_word(monitor + UInt(MonitorReference.Offset.home), &home),
      audit_read_word(monitor + UInt(MonitorReference.Offset.id), &id)
    else { return nil }
    let before = recorder.pointee.ring.newestVersion(of: id)
    let now = VersionWord(rawValue: version)
    let owner = HomeWord(rawValue: home)
    let own = recorder.pointee.slot
    if now.isRetired { return Finding(before: before, slot: 0) }
    if owner.rawValue != 0, owner.slot != own { return Finding(before: before, slot: owner.slot) }
    if now.slot != own, now.slot != 0, now.isWriting || now.rawValue != before {
      return Finding(before: before, slot: now.slot)
    }
    let other = ThreadRegistry.slotInside(monitor, except: own)
    return other == 0 ? nil : Finding(before: before, slot: other)
  }

  /// The note of a crash that waits for its report. Only the detector calls this.
  static func take() -> CrashNote? {
    state.load(ordering: .acquiring) == ready ? note.pointee : nil
  }

  /// Lets the crashed thread go on to the previous handler.
  static func finish() { state.store(reported, ordering: .releasing) }
}
