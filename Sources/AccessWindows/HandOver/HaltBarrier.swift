// SPDX-License-Identifier: Apache-2.0
//
// Where threads wait while a report that ends the process is written. Nothing here allocates or
// locks, so that it works whatever state the process is in; and it never waits for ever.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

package enum HaltBarrier {
  /// How long the detector may take for a report before the waiting thread writes a bare one
  /// itself.
  private static let limitMilliseconds: UInt32 = 20_000

  /// Waits while the process is halting: until it ends, or the violation turns out to be
  /// suppressed.
  package static func wait() {
    if !waitWhileHalting(limitMilliseconds * 2) { audit_abort() }
  }

  /// Waits, as the thread that saw the violation, for the detector's report, and ends the process
  /// behind it.
  static func waitForReport(_ pendingReport: PendingReport) {
    if waitWhileHalting(limitMilliseconds) { return }
    OutwardCalls.writeBareReport(pendingReport)
    audit_abort()
  }

  /// `false` when the time is up.
  private static func waitWhileHalting(_ limit: UInt32) -> Bool {
    var wait = audit_begin_wait(limit)
    while audit_mode() == AUDIT_MODE_HALTING {
      audit_end_if_asked()
      if !audit_wait_on(&wait) { return false }
    }
    return true
  }
}

#endif
