// SPDX-License-Identifier: Apache-2.0
//
// What was lost, added up from the counters of every part.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
internal import AccessWindows
internal import Synchronization

/// What was lost since the process started, from the counters of every part.
enum Losses {
  static func current(recordsLost: UInt64) -> Violation.Losses {
    Violation.Losses(
      records: recordsLost, stacks: ThreadRegistry.stacks?.counters.pointee.lost.load(ordering: .relaxed) ?? 0,
      unrecorded: ThreadRegistry.all.reduce(0) { $0 + $1.pointee.unrecorded.load(ordering: .relaxed) },
      violations: PendingReportQueue.dropped.load(ordering: .relaxed) + ViolationLog.unreported,
      waits: Backoff.exhausted.load(ordering: .relaxed))
  }
}

#endif
