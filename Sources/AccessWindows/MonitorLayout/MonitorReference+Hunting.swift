// SPDX-License-Identifier: Apache-2.0
//
// How an access that is open goes to hunting. Reached on slow paths only; nothing here allocates or
// locks.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import CAccessRecorder

extension MonitorReference {
  /// Holds the calling thread's access open, if hunting wants it: its record is pushed, its window
  /// open.
  func hunt(_ operation: AccessOperation, isWriting: Bool, _ recorder: ThreadRecorderPointer, frame: UInt) {
    guard recorder.pointee.isWatched else { return }
    Hunt.visit(
      recorder,
      HuntedMonitor(address: address, id: id, creatorThreadID: creatorThreadID, version: version), operation,
      isWriting: isWriting, frame: frame)
  }
}

#endif
