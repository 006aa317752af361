// SPDX-License-Identifier: Apache-2.0
//
// The sleep of the detector in an idle process, and its end. Atomics and one system call: signal
// handlers may end it.

#if AUDITED && canImport(Glibc)

package import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

package enum Idleness {
  /// When the detector's last round ended.
  package static var lastRound: SharedWord<Moment> { SharedWord(AUDIT_WORD_DETECTOR_ROUND) }

  /// Wakes the detector, which sleeps until there is an access, and corrects the clock that it
  /// advances.
  ///
  /// Called by whatever leaves something for it to do. Asynchronous-signal-safe; takes no lock.
  package static func end() {
    audit_advance_coarse_clock()
    lastRound.store(.now(), ordering: .relaxed)
    if audit_exchange_mode(AUDIT_MODE_IDLE, ViolationResponse.current.accessMode) { audit_post_event() }
  }
}

#endif
