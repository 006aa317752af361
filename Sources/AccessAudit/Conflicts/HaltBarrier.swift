// SPDX-License-Identifier: Apache-2.0
//
// Where threads wait while a report that ends the process is written. Nothing here allocates or locks, so that it works
// whatever state the process is in; and it never waits for ever.

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum HaltBarrier {
  /// How long the detector may take for a report before the waiting thread writes a bare one itself.
  private static let limitNanoseconds: UInt64 = 20_000_000_000

  /// Waits while the process is halting: until it ends, or the violation turns out to be suppressed.
  static func wait() {
    let deadline = Moment.now().advanced(byNanoseconds: 2 * limitNanoseconds)
    while audit_mode() == AUDIT_MODE_HALTING {
      if Moment.now() > deadline { audit_abort() }
      usleep(200)
    }
  }

  /// Waits, as the thread that saw the violation, for the detector's report.
  static func waitForReport(_ sighting: Sighting) {
    let deadline = Moment.now().advanced(byNanoseconds: limitNanoseconds)
    while audit_mode() == AUDIT_MODE_HALTING {
      if Moment.now() > deadline {
        writeBareReport(sighting)
        audit_abort()
      }
      usleep(200)
    }
  }

  /// The report of last resort: no symbols, no allocation beyond the message.
  private static func writeBareReport(_ sighting: Sighting) {
    let line =
      "fatal error: \(sighting.kind.message(for: sighting.collection.type.collectionKind))\n"
      + "AccessAudit: threads \(sighting.detected.threadID) and \(sighting.conflicting.threadID) "
      + "(pid=\(getpid())); the detector did not finish its report\n"
    line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
  }
}
