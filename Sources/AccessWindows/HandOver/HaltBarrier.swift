// SPDX-License-Identifier: Apache-2.0
//
// Where threads wait while a report that ends the process is written. Nothing here allocates or locks, so that it works
// whatever state the process is in; and it never waits for ever.

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum HaltBarrier {
  /// How long the detector may take for a report before the waiting thread writes a bare one itself.
  private static let limitMilliseconds: UInt32 = 20_000

  /// Waits while the process is halting: until it ends, or the violation turns out to be suppressed.
  static func wait() {
    if !waitWhileHalting(limitMilliseconds * 2) { audit_abort() }
  }

  /// Waits, as the thread that saw the violation, for the detector's report, and ends the process behind it.
  static func waitForReport(_ sighting: Sighting) {
    if waitWhileHalting(limitMilliseconds) { return }
    writeBareReport(sighting)
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

  /// The report of last resort: no file is opened for it.
  private static func writeBareReport(_ sighting: Sighting) {
    let line =
      "fatal error: \(sighting.kind.message(for: sighting.collection.type.collectionKind))\n"
      + "AccessAudit: threads \(sighting.detected.threadID) and \(sighting.conflicting.threadID) "
      + "(pid=\(getpid())); the detector did not finish its report\n"
    Diagnostics.writeAll(line, to: STDERR_FILENO)
    // The facts as the detector left them, if it came so far; otherwise those of this thread's own
    // sighting.
    if !FactsReport.writePrepared(to: STDERR_FILENO) {
      Diagnostics.writeAll(FactsReport.text(sighting), to: STDERR_FILENO)
    }
  }
}
