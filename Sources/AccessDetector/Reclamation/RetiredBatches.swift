// SPDX-License-Identifier: Apache-2.0
//
// The retired monitors that the detector keeps, and when it lets them go. Owned by the detector
// thread.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessWindows
internal import Synchronization

struct RetiredBatches {
  /// Monitors that were retired together.
  private struct Batch {
    /// When they were taken over.
    var moment: Moment
    var monitors: [UInt]
  }

  /// Oldest first.
  private var batches: [Batch] = []
  private var quiescence = Quiescence()

  /// Where collections come and go so fast that the longer time would keep too many.
  private static let shortGrace: UInt64 = 100_000_000

  /// Takes monitors over, and lets those go that no thread can be on its way to any more.
  mutating func release(adding justRetired: [UInt]) {
    let now = Moment.now()
    if !justRetired.isEmpty { batches.append(Batch(moment: now, monitors: justRetired)) }
    guard !batches.isEmpty else { return }
    releaseMemory(now, quiescence.update(now))
  }

  /// Does the work of a release with nothing to release, see ``DetectorRound/warmUp()``.
  mutating func warmUp() {
    let now = Moment.now()
    batches.append(Batch(moment: now, monitors: []))
    releaseMemory(now, quiescence.update(now))
    _ = RetiredMonitors.release([])
    batches.removeAll()
  }

  private mutating func releaseMemory(_ now: Moment, _ quiescent: Moment) {
    while let oldest = batches.first {
      let age = now.nanoseconds(since: oldest.moment)
      let isQuiescent = oldest.moment < quiescent
      let isDue =
        RetiredMonitors.areMany
        ? age > (isQuiescent ? Self.shortGrace : RetiredMonitors.graceNanoseconds)
        : age > RetiredMonitors.graceNanoseconds && isQuiescent
      guard isDue else { return }
      batches.removeFirst()
      let retained = RetiredMonitors.release(oldest.monitors)
      if !retained.isEmpty { batches.append(Batch(moment: now, monitors: retained)) }
    }
  }
}

#endif
