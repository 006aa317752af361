// SPDX-License-Identifier: Apache-2.0
//
// The recent accesses to one collection, collected from the rings of all threads.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import Synchronization

/// A record with the thread it is of.
struct HistoryRecord: Sendable {
  var threadID: Int32
  var record: AccessRecord
}

/// The recent accesses to one collection, from all rings.
enum AccessHistory {
  /// Newest first. Order within the collection comes from the version, between reads of one version
  /// from the clock and each thread's own order.
  ///
  /// - Parameters:
  ///   - limit: Of each thread and of all.
  ///   - last: The version of the last write that counts: what found a later one came after it.
  /// - Complexity: O(records in all rings).
  static func collect(_ collectionID: UInt64, limit: Int, until last: VersionWord = .retired) -> [HistoryRecord] {
    var found: [HistoryRecord] = []
    for recorder in ThreadRegistry.all {
      guard let owner = recorder.pointee.owner else { continue }
      let before = found.count
      recorder.pointee.search(owner, for: .history, of: collectionID) { record in
        guard record.version.counter <= last.counter else { return true }
        found.append(HistoryRecord(threadID: owner.threadID, record: record))
        return found.count - before < limit
      }
      // Another thread's by now: whose these records are cannot be told.
      if !recorder.pointee.isOwned(by: owner) { found.removeSubrange(before...) }
    }
    return inOrder(found, limit: limit)
  }

  /// Newest first.
  static func inOrder(_ records: [HistoryRecord], limit: Int) -> [HistoryRecord] {
    let found = records.sorted { left, right in
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

#endif
