// SPDX-License-Identifier: Apache-2.0
//
// Whether another thread overlapped the access that a thread crashed in. This runs in a signal
// handler: atomics, loads through the kernel, `while` loops; no allocation, no lock, no metadata,
// in unoptimised builds too.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

/// What a crash's attribution rests on. Nothing is concluded from what is missing: a record that is
/// overwritten, a writer word that is held, a thread that only reads are no evidence, and then
/// nothing is said.
enum CrashEvidence {
  /// Fills in what speaks for an overlap of the calling thread's access with another thread's;
  /// `false` when there is nothing.
  ///
  /// - Parameter note: Says which access it is.
  static func find(_ note: inout audit_crash_note, _ recorder: ThreadRecorderPointer) -> Bool {
    var id: UInt64 = 0
    var word: UInt64 = 0
    // The monitor may be gone: the kernel reads it.
    guard audit_read_word(note.monitor &+ UInt(AUDIT_MONITOR_ID), &id),
      audit_read_word(note.monitor &+ UInt(AUDIT_MONITOR_VERSION), &word)
    else { return false }
    let now = VersionWord(rawValue: word)
    guard let own = recorder.pointee.ownHistory(of: id, isWriting: note.is_writing), !own.version.isRetired else {
      return false
    }
    note.before = own.version.rawValue
    note.record_index = own.index
    note.other_slot = 0
    // The last reference went under this access. This thread has recorded all that it did since:
    // was it itself?
    if now.isRetired { return !own.hasDestroyed }
    if now.rawValue != own.version.rawValue {
      // Another thread has begun a write in place, which it does only where nobody holds the
      // collection lawfully.
      note.other_slot = now.slot
      return now.slot != note.slot && now.slot != 0
    }
    // No write since, unless it is this thread's own that another one is inside of.
    guard note.is_writing, now.isWriting, now.slot == note.slot else { return false }
    note.other_slot = ThreadRegistry.slotInside(note.monitor, except: note.slot)
    return note.other_slot != 0
  }
}

#endif
