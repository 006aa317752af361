// SPDX-License-Identifier: Apache-2.0
//
// What the engine does around a fork and at the process's end. A forked child begins with nothing
// of what its parent has seen, and learns that the detector and all other threads are not there.
// The handlers allocate nothing.

#if AUDITED && canImport(Glibc)

internal import AccessWindows
internal import CAccessRecorder

enum ForkHandlers {
  /// Called when the detector starts. Locks and recorders have hooks of their own, see
  /// `ForkedRecording`.
  static func register() {
    audit_set_engine_hooks(
      audit_engine_hooks(
        child: { ForkHandlers.beginAsChild() }, exit: { ProcessEnd.atExit(isQuick: $0) }))
    audit_register_process_hooks()
  }

  /// Called once in a forked child, by the first of its threads that learns of the fork: in the C
  /// library's handler, or where there was none on the first slow path.
  private static func beginAsChild() {
    audit_forget_crash()
    ViolationResponse.current.beginAsChild()
    RetiredMonitors.afterFork()
    Detector.afterFork()
  }
}

#endif
