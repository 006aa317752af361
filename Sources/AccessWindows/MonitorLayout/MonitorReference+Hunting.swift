// SPDX-License-Identifier: Apache-2.0
//
// How an access that is open goes to hunting. Reached on slow paths only; nothing here allocates or
// locks.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
public import AccessTerms
internal import CAccessRecorder
internal import Glibc

extension MonitorReference {
  /// Holds the calling thread's access open, if hunting wants it: its record is pushed, its window
  /// open.
  func hunt(_ operation: AccessOperation, isWriting: Bool, _ recorder: ThreadRecorderPointer, frame: UInt) {
    guard recorder.pointee.isWatched else { return }
    Hunt.visit(
      recorder,
      HuntedMonitor(
        address: address, id: id, creatorThreadID: creatorThreadID, creationTask: creationTask, version: version),
      operation, isWriting: isWriting, frame: frame)
  }
}

/// A fork that the fast path has made, while accesses are delayed or hunted.
@usableFromInline
enum HuntedFork {
  @_silgen_name("audit_hunt_fork") @usableFromInline @inline(never)
  static func visit(
    _ address: UnsafeMutableRawPointer, _ old: UInt64, _ operation: AccessOperation,
    _ recorder: UnsafeMutableRawPointer, frame: UInt
  ) {
    let saved = errno
    defer { errno = saved }
    let monitor = MonitorReference(address: address)
    let recorder = recorder.assumingMemoryBound(to: ThreadRecorder.self)
    // The stack was found in C.
    recorder.pointee.forgetWalk()
    Hunt.noteFork(from: old, to: monitor.id, by: recorder.pointee.slot)
    monitor.hunt(operation, isWriting: true, recorder, frame: frame)
  }
}

#endif
