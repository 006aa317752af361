// SPDX-License-Identifier: Apache-2.0
//
// The report of last resort: written by the thread that saw the violation, when the detector does
// not finish its report.

internal import AccessTerms
internal import AccessWindows
internal import Glibc

enum BareReport {
  /// Opens no file.
  static func write(_ sighting: Sighting) {
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
