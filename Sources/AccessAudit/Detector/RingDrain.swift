// SPDX-License-Identifier: Apache-2.0
//
// Draining the rings into the statistics, and giving the rings of ended threads back. Owned by the detector thread.

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

struct RingDrain {
  /// Of each slot, which of its owners was the last whose end was seen: a thread can begin and end between two rounds.
  private var recycled: [UInt64] = []
  private(set) var recordsLost: UInt64 = 0

  mutating func perform() {
    let recorders = ThreadRegistry.all
    while recycled.count < recorders.count { recycled.append(0) }
    var batch = StatisticsBatch()
    for (index, recorder) in recorders.enumerated() {
      // Ended before the drain: nothing comes after what is read now.
      let hasEnded = recorder.pointee.hasEnded.load(ordering: .acquiring)
      let owner = recorder.pointee.adoptions.load(ordering: .relaxed)
      if hasEnded && recycled[index] == owner { continue }
      drain(recorder, into: &batch)
      if hasEnded {
        recycled[index] = owner
        ThreadRegistry.recycle(recorder)
      }
    }
    StatisticsTable.merge(batch, recordsLost: recordsLost)
  }

  private mutating func drain(
    _ recorder: ThreadRecorderPointer, into batch: inout StatisticsBatch
  ) {
    let head = recorder.pointee.ring.head.load(ordering: .acquiring)
    let capacity = recorder.pointee.ring.capacity
    var position = recorder.pointee.drained.load(ordering: .relaxed)
    if head > capacity, position < head - capacity {
      recordsLost += head - capacity - position
      position = head - capacity
    }
    let threadID = recorder.pointee.threadID.load(ordering: .relaxed)
    while position < head {
      if let record = recorder.pointee.ring.record(at: position) {
        batch.add(record, threadID: threadID)
      } else {
        recordsLost += 1
      }
      position += 1
    }
    recorder.pointee.drained.store(head, ordering: .relaxed)
  }
}

/// A record with the thread it is of.
struct HistoryRecord: Sendable {
  var threadID: Int32
  var record: AccessRecord
}

/// The recent accesses to one collection, from all rings.
enum AccessHistory {
  /// Newest first. Order within the collection comes from the version, between reads of one version from the clock and each
  /// thread's own order.
  ///
  /// - Complexity: O(records in all rings).
  static func collect(_ collectionID: UInt64, limit: Int) -> [HistoryRecord] {
    var found: [HistoryRecord] = []
    for recorder in ThreadRegistry.all {
      let threadID = recorder.pointee.threadID.load(ordering: .relaxed)
      var count = 0
      let first = recorder.pointee.firstOwned.load(ordering: .acquiring)
      recorder.pointee.ring.newestFirst(since: first) { record in
        guard record.collectionID == collectionID, record.operation != .create else { return true }
        found.append(HistoryRecord(threadID: threadID, record: record))
        count += 1
        return count < limit
      }
    }
    found.sort { left, right in
      let (l, r) = (left.record, right.record)
      if l.version.counter != r.version.counter { return l.version.counter > r.version.counter }
      // What ran into an access came after it.
      if l.flags.contains(.attempt) != r.flags.contains(.attempt) { return l.flags.contains(.attempt) }
      if l.coarseMilliseconds != r.coarseMilliseconds { return l.coarseMilliseconds > r.coarseMilliseconds }
      if left.threadID != right.threadID { return left.threadID > right.threadID }
      return l.sequence > r.sequence
    }
    return Array(found.prefix(limit))
  }
}
