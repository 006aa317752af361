// SPDX-License-Identifier: Apache-2.0
//
// The report of last resort: written by the thread that saw the violation, when the detector does
// not finish its report.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import AccessWindows
internal import Glibc

enum BareReport {
  /// Opens no file.
  static func write(_ pendingReport: PendingReport) {
    let line =
      "fatal error: \(pendingReport.kind.message(for: pendingReport.collection.type.collectionKind))\n"
      + "AccessAudit: threads \(pendingReport.detected.threadID) and \(pendingReport.conflicting.threadID) "
      + "(pid=\(getpid())); the detector did not finish its report\n"
    Diagnostics.writeAll(line, to: STDERR_FILENO)
    // The facts as the detector left them, if it came so far; otherwise those of this thread's own
    // pending report.
    if !FactsReport.writePrepared(to: STDERR_FILENO) {
      Diagnostics.writeAll(FactsReport.text(pendingReport), to: STDERR_FILENO)
    }
  }
}

#endif
