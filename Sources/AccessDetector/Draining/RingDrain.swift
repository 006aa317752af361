// SPDX-License-Identifier: Apache-2.0
//
// Draining the rings into the statistics, and giving the rings of ended threads back. Owned by the
// detector thread.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import Synchronization

struct RingDrain {
  /// The observed accesses of the round.
  var traffic = TrafficDrain()
  private(set) var recordsLost: UInt64 = 0
  /// Grows with each record that was there to be read.
  private(set) var recordsRead: UInt64 = 0
  /// Whether two threads have touched one collection.
  private(set) var hasSeenSharing = false
  /// Rounds until threads that were refused a recorder may try again: about a second.
  private var untilRetry = RingDrain.roundsBetweenRetries
  private static let roundsBetweenRetries = 100

  /// - Complexity: O(running threads + records written since the last round).
  mutating func perform() {
    untilRetry -= 1
    if untilRetry == 0 {
      untilRetry = Self.roundsBetweenRetries
      ThreadRegistry.retryRefused()
    }
    var batch = StatisticsBatch()
    var slot = ThreadRegistry.nextInUse(after: 0)
    while slot != 0 {
      if let recorder = ThreadRegistry.recorder(slot: slot) { perform(recorder, into: &batch) }
      slot = ThreadRegistry.nextInUse(after: slot)
    }
    if StatisticsTable.merge(batch, recordsLost: recordsLost) { hasSeenSharing = true }
  }

  private mutating func perform(_ recorder: ThreadRecorderPointer, into batch: inout StatisticsBatch) {
    // Before the drain: when its owner had ended by now, nothing comes after what is read.
    let life = recorder.pointee.life
    if life.phase == RecorderLife.adopting || life.phase == RecorderLife.free { return }
    drain(recorder, into: &batch)
    traffic.take(recorder)
    if life.hasEnded || life.hasVanished { ThreadRegistry.recycle(recorder, life) }
  }

  private mutating func drain(
    _ recorder: ThreadRecorderPointer, into batch: inout StatisticsBatch
  ) {
    let head = recorder.pointee.ring.head.load(ordering: .acquiring)
    let capacity = recorder.pointee.ring.capacity
    var position = recorder.pointee.drained.load(ordering: .relaxed)
    // A forked child is not asked about what its parent did.
    let firstOwn = recorder.pointee.firstOfProcess.load(ordering: .relaxed)
    recordsRead &+= head &- position
    if head > capacity, position < head - capacity {
      let before = max(position, firstOwn)
      position = head - capacity
      recordsLost += position > before ? position - before : 0
    }
    // The owner cannot change before this drain has said that its records were read.
    let threadID = recorder.pointee.threadID.load(ordering: .relaxed)
    if position < head, firstOwn < head { batch.threads.insert(threadID) }
    while position < head {
      if let record = recorder.pointee.ring.record(at: position) {
        batch.add(record, threadID: threadID, isOwn: position >= firstOwn)
      } else if position >= firstOwn {
        recordsLost += 1
      }
      position += 1
    }
    recorder.pointee.drained.store(head, ordering: .relaxed)
  }
}

#endif
