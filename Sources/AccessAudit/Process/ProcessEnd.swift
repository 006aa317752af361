// SPDX-License-Identifier: Apache-2.0
//
// How the process ends: after a halt report, and at its own exit when something was reported. Waits are bounded.

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

enum ProcessEnd {
  /// The status at exit when anything was reported, as ThreadSanitizer and Go have it.
  static let reportedStatus: Int32 = 66
  private static let flushLimitMilliseconds = 5_000

  static func register() {
    atexit { ProcessEnd.atExit() }
  }

  /// Ends the process after a halt report. With SIGABRT that is done by the thread that saw the violation and waits for the
  /// report: it is the one that a core dump, the toolchain's backtracer and a handler of the program's own should see.
  static func halt(_ configuration: AuditConfiguration, seenBy threadID: Int32) -> Never {
    if let code = configuration.exitCode { _exit(Int32(code)) }
    audit_end_by_thread(threadID, configuration.verbosity > 0)
  }

  private static func atExit() {
    // Another thread has seen a violation: the process ends with its report, not before it.
    HaltBarrier.wait()
    guard audit_mode() != AUDIT_MODE_OFF || !ViolationLog.all.isEmpty else { return }
    Detector.flush(limitMilliseconds: flushLimitMilliseconds)
    HaltBarrier.wait()
    sayWhatWasSuppressed()
    // What was delivered to tests is in the test runner's own exit status.
    let count = ViolationLog.undelivered + AuditScopes.unrecorded
    guard count > 0 else { return }
    let repeated = SightingQueue.total.load(ordering: .relaxed)
    Diagnostics.say(
      "AccessAudit: reported \(count) violation\(count == 1 ? "" : "s"), seen \(repeated) time\(repeated == 1 ? "" : "s")"
    )
    // What follows in `exit` is skipped; the one thing of it that a program counts on is the flushed output.
    fflush(nil)
    _exit(Engine.configuration.exitCode.map(Int32.init) ?? reportedStatus)
  }

  /// The suppressions that matched, then those that matched nothing.
  private static func sayWhatWasSuppressed() {
    for line in SuppressionHits.summary(pid: getpid()) { Diagnostics.say(line) }
  }
}
