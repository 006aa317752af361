// SPDX-License-Identifier: Apache-2.0
//
// Whether the detector makes its report for nobody, see `Rehearsal`. Meanwhile it cannot copy the
// history of a violation, so the history is not frozen for that.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

/// Where the process is with its rehearsal.
package enum RehearsalPhase {
  private static let before: UInt8 = 0
  private static let inProgress: UInt8 = 1
  private static let done: UInt8 = 2
  private static var word: SharedWord<UInt8> { SharedWord(AUDIT_WORD_REHEARSED) }

  /// Begins, unless it was done or a violation waits for the detector. Only the detector calls
  /// this.
  ///
  /// Dekker's pattern with ``isInProgress``: either the thread that froze the history sees that the
  /// rehearsal has begun, or the detector sees that the history is frozen.
  package static func begin() -> Bool {
    guard word.load(ordering: .relaxed) == before else { return false }
    word.store(inProgress, ordering: .relaxed)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    if audit_mode() != AUDIT_MODE_FROZEN { return true }
    word.store(before, ordering: .relaxed)
    return false
  }

  package static func end() { word.store(done, ordering: .releasing) }

  /// In a forked child: the thread that had begun is not there.
  static func beginAsChild() {
    if word.load(ordering: .relaxed) == inProgress { word.store(before, ordering: .relaxed) }
  }

  static var isInProgress: Bool {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    return word.load(ordering: .relaxed) == inProgress
  }
}

#endif
