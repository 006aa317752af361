// SPDX-License-Identifier: Apache-2.0
//
// What happens around a fork: everything is brought to a state that the child can use, and the child learns that the detector
// and all other threads are not there.

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum ForkHandlers {
  private static let isRegistered = Atomic<Bool>(false)
  /// Whether the fork under way was asked for on the detector thread, by an observer of violations.
  private static let isByDetector = Atomic<Bool>(false)

  static func register() {
    guard !isRegistered.exchange(true, ordering: .acquiringAndReleasing) else { return }
    pthread_atfork(
      {
        ForkedRecording.prepare()
        // After the locks, so that two forks at once do not mix.
        ForkHandlers.isByDetector.store(Detector.isCurrentThread, ordering: .relaxed)
      }, { ForkedRecording.resumeInParent() }, { ForkHandlers.inChild() })
  }

  private static func inChild() {
    ForkedRecording.resumeInChild()
    if audit_mode() == AUDIT_MODE_HALTING || audit_mode() == AUDIT_MODE_FROZEN {
      audit_set_mode(Engine.activeMode)
    }
    Detector.afterFork(isCurrentThread: isByDetector.load(ordering: .relaxed))
  }
}
