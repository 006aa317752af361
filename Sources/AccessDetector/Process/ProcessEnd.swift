// SPDX-License-Identifier: Apache-2.0
//
// How the process ends: after a halt report, and at its own exit when something was seen. Waits are
// bounded.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum ProcessEnd {
  /// The status at exit when anything was reported, as ThreadSanitizer and Go have it.
  static let reportedStatus: Int32 = 66
  /// How long the end waits for reports that are being made.
  private static let flushLimitMilliseconds = 5_000

  /// Ends the process after a halt report. With SIGABRT that is done by the thread that saw the
  /// violation and waits for the report: it is the one that a core dump, the toolchain's backtracer
  /// and a handler of the program's own should see.
  static func halt(_ configuration: AuditConfiguration, seenBy threadID: Int32) -> Never {
    if let code = configuration.exitCode { _exit(Int32(code)) }
    audit_end_by_thread(threadID, configuration.verbosity > 0)
  }

  /// Called by `exit`, the return from `main` or `quick_exit`, behind the program's own handlers.
  ///
  /// The status counts what was seen: a pending report whose report could not be finished in time
  /// counts like a report, and what is known of it is written here.
  static func atExit(isQuick: Bool) {
    audit_notice_child()
    Hunt.isEnding.store(true, ordering: .relaxed)
    if isUntouchedChild { return }
    if Detector.isCurrentThread {
      // An observer of violations ends the process: it knows of the violation, and has chosen the
      // status.
      if ViolationObservers.areNotified { return }
    } else {
      // Another thread has seen a violation: the process ends with its report, not before it.
      HaltBarrier.wait()
    }
    let wasUsed = PendingReportQueue.total.load(ordering: .relaxed) > 0 || ViolationLog.undelivered > 0
    // Auditing in bursts is switched off in between.
    let isAudited = audit_mode() != AUDIT_MODE_OFF || ViolationResponse.configuredMode != AUDIT_MODE_OFF
    guard isAudited || wasUsed else { return }
    Detector.flush(limitMilliseconds: flushLimitMilliseconds, startsInChild: false)
    HuntPlanFile.writeAtExit()
    if !Detector.isCurrentThread { HaltBarrier.wait() }
    let suppressed = SuppressionHits.summary(pid: getpid())
    if !suppressed.isEmpty { Diagnostics.say(suppressed.joined(separator: "\n")) }
    // What was delivered to tests is in the test runner's own exit status.
    let reported = ViolationLog.undelivered + AuditScopes.unrecorded
    let unfinished = PendingReportQueue.unfinished
    if isAudited, Detector.isStartedHere {
      ExitSummary.current(violations: ViolationLog.all.count + unfinished.count)
        .write(to: Engine.configuration.exitSummary)
    }
    guard reported + unfinished.count > 0 else { return }
    if !unfinished.isEmpty { Diagnostics.say(UnfinishedReports.text(unfinished)) }
    RaceCounts.lines(ViolationLog.counts).forEach(Diagnostics.say)
    Diagnostics.say(summary(reported: reported, unfinished: unfinished.count))
    let status = Engine.configuration.exitCode.map(Int32.init) ?? reportedStatus
    // Called again from inside, the C library goes on with what is left to do, and takes the last
    // status. What it does with the streams is what it does without the audit: it flushes them
    // without waiting for their locks.
    if isQuick { quick_exit(status) }
    exit(status)
  }

  /// A forked child that has seen nothing and has no detector. What follows in ``atExit(isQuick:)``
  /// may ask the runtime for metadata, and that takes a lock which another thread of the parent's
  /// may have held at the fork: the child would never end.
  private static var isUntouchedChild: Bool {
    ForkedRecording.generation != 0 && !Detector.isStartedHere
      && PendingReportQueue.total.load(ordering: .relaxed) == 0
  }

  private static func summary(reported: Int, unfinished: Int) -> String {
    let times = PendingReportQueue.total.load(ordering: .relaxed)
    let lost = BoundedOutput.lost
    var text =
      "AccessAudit: reported \(reported) violation\(reported == 1 ? "" : "s"), seen "
      + Sentences.counted(times, "time")
    if unfinished > 0 { text += "; \(unfinished) report\(unfinished == 1 ? " was" : "s were") not finished" }
    if lost > 0 { text += "; \(lost) text\(lost == 1 ? "" : "s") could not be written whole" }
    return text
  }
}

#endif
