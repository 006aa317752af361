// SPDX-License-Identifier: Apache-2.0
//
// The retired monitors that the detector keeps, and when it lets them go. Owned by the detector thread.

internal import AccessRecorder
internal import Synchronization

struct RetiredBatches {
  /// Monitors that were retired together.
  private struct Batch {
    /// When they were taken over.
    var moment: Moment
    var monitors: [UInt]
    /// How many elements their collections held; 0 when these are gone. Only `shield` keeps them.
    var elements: Int
  }

  /// Oldest first.
  private var batches: [Batch] = []
  private var elements = 0
  private var quiescence = Quiescence()

  /// Where collections come and go so fast that the longer time would keep too many.
  private static let shortGrace: UInt64 = 100_000_000
  /// Elements are not kept as long as memory: their size has no bound.
  private static let elementGrace: UInt64 = 1_000_000_000
  /// With more elements than this they go as soon as all threads are quiescent, with more than the second at once.
  private static let elementLimit = 1 << 21
  private static let hardElementLimit = 1 << 23

  /// Takes monitors over, and lets those go that no thread can be on its way to any more.
  mutating func release(adding justRetired: [UInt]) {
    let now = Moment.now()
    if !justRetired.isEmpty {
      let count = Shield.isUp ? RetiredMonitors.elementCount(of: justRetired) : 0
      elements += count
      batches.append(Batch(moment: now, monitors: justRetired, elements: count))
    }
    guard !batches.isEmpty else { return }
    let quiescent = quiescence.update(now)
    dropElements(now, quiescent)
    releaseMemory(now, quiescent)
  }

  private mutating func dropElements(_ now: Moment, _ quiescent: Moment) {
    for index in batches.indices where batches[index].elements > 0 {
      let age = now.nanoseconds(since: batches[index].moment)
      guard age > (elements > Self.elementLimit ? 0 : Self.elementGrace),
        batches[index].moment < quiescent || elements > Self.hardElementLimit
      else { return }
      if RetiredMonitors.dropElements(of: batches[index].monitors) {
        elements -= batches[index].elements
        batches[index].elements = 0
      }
    }
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
      elements -= oldest.elements
      let retained = RetiredMonitors.release(oldest.monitors)
      if retained.isEmpty { continue }
      let count = oldest.elements == 0 ? 0 : RetiredMonitors.elementCount(of: retained)
      elements += count
      batches.append(Batch(moment: now, monitors: retained, elements: count))
    }
  }
}
