// SPDX-License-Identifier: Apache-2.0
//
// The statistics of all collections that are kept. Written by the detector, read through a lock by
// whoever asks.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import AccessRecorder
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

package enum StatisticsTable {
  private struct Row {
    var statistics: CollectionStatistics
    var first: UInt32
    var monitor: UInt
    /// The collection's type. Its name is made when somebody asks: that takes locks of the runtime.
    var type: UInt = 0
    /// Whether records came since the last sweep.
    var isFresh = true
  }

  private struct State {
    var rows: [UInt64: Row] = [:]
    /// Destroyed collections in the order they went, the first to make room.
    var destroyed: [UInt64] = []
    var forgotten: UInt64 = 0
    /// With so many rows of collections whose end was not read, those are looked for that have
    /// ended all the same.
    var sweepAt = StatisticsTable.sweepMinimum
    /// New collections until the next sweep, at least: it looks at every row.
    var untilSweep = StatisticsTable.destroyedLimit
    var sweeps = 0
    var recordsLost: UInt64 = 0
    /// Of all collections, the forgotten ones included.
    var reads: UInt64 = 0
    var writes: UInt64 = 0
    /// Threads that made the records; the first that many.
    var threads: Set<Int32> = []
    /// Whether two threads have touched one collection.
    var isAnyShared = false
    /// In a forked child: what its parent knew of collections that this process has not touched
    /// yet.
    var inherited: [UInt64: Row] = [:]

    /// A forked child begins at 0. What a collection is does not change.
    mutating func beginAsChild() {
      var known = inherited.merging(rows) { $1 }
      for id in destroyed { known[id] = nil }
      self = State()
      for (id, row) in known {
        var row = row
        let label = row.statistics.label
        row.statistics = StatisticsTable.nothing(of: id)
        row.statistics.label = label
        row.first = .max
        inherited[id] = row
      }
    }
  }

  /// Collections kept at most; when so many live, new ones are not taken in.
  package static let limit = 16_384
  /// Destroyed collections kept at most; the oldest go first.
  static let destroyedLimit = 1_024
  private static var sweepMinimum: Int { 2 * destroyedLimit }
  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_STATISTICS, adapted: { $0.beginAsChild() }) { State() }
  }

  private static func nothing(of id: UInt64) -> CollectionStatistics {
    CollectionStatistics(
      id: id, type: nil, label: nil, reads: 0, writes: 0, threads: [], peakCount: nil, lifetimeMilliseconds: 0,
      isDestroyed: false)
  }

  /// - Returns: whether two threads have touched one collection, by now.
  @discardableResult
  static func merge(_ batch: StatisticsBatch, recordsLost: UInt64) -> Bool {
    var batch = batch
    batch.settle()
    guard !batch.entries.isEmpty else { return false }
    return state.withLock { state in
      state.recordsLost = recordsLost
      for (id, entry) in batch.entries {
        state.reads += entry.reads
        state.writes += entry.writes
        merge(entry, id: id, into: &state)
      }
      if state.threads.count < limit { state.threads.formUnion(batch.threads) }
      ExitSummary.store(
        accesses: state.reads + state.writes, collections: UInt64(state.rows.count) + state.forgotten,
        threads: UInt64(state.threads.count), losses: recordsLost)
      return state.isAnyShared
    }
  }

  private static func merge(_ entry: StatisticsBatch.Entry, id: UInt64, into state: inout State) {
    if !entry.isOwn { return inherit(entry, id: id, into: &state) }
    if state.rows[id] == nil {
      if state.untilSweep > 0 { state.untilSweep -= 1 }
      if state.untilSweep == 0, state.rows.count - state.destroyed.count >= state.sweepAt { sweep(&state) }
      guard state.rows.count < limit else { return state.forgotten += 1 }
      state.rows[id] =
        state.inherited.removeValue(forKey: id) ?? Row(statistics: nothing(of: id), first: entry.first, monitor: 0)
    }
    var row = state.rows.removeValue(forKey: id)!
    row.statistics.reads += entry.reads
    row.statistics.writes += entry.writes
    if row.statistics.threads.count < 64 { row.statistics.threads.formUnion(entry.threads) }
    if row.statistics.threads.count > 1 { state.isAnyShared = true }
    row.first = min(row.first, entry.first)
    row.statistics.lifetimeMilliseconds = Int(max(entry.last, row.first) - row.first)
    if entry.monitor != 0 {
      row.monitor = entry.monitor
      row.statistics.label = LabelTable.label(entry.labelID)
    }
    look(&row)
    row.isFresh = true
    let hasEnded = entry.isDestroyed && !row.statistics.isDestroyed
    state.rows[id] = row
    if hasEnded { noteEnd(id, &state) }
  }

  /// Counts a made-up access in a table of its own.
  static func rehearse() {
    var batch = StatisticsBatch()
    for id in UInt64(0)..<2 {
      batch.add(
        AccessRecord(
          sequence: 0, collectionID: id, version: VersionWord(rawValue: 0), stackID: 0, operation: .count, flags: [],
          coarseMilliseconds: 0), threadID: 1)
    }
    batch.settle()
    var state = State()
    for (id, entry) in batch.entries { merge(entry, id: id, into: &state) }
    _ = accessCounts
  }

  /// What a forked child reads of its parent's last accesses says only which collections there are.
  private static func inherit(_ entry: StatisticsBatch.Entry, id: UInt64, into state: inout State) {
    if entry.isDestroyed { return state.inherited[id] = nil }
    guard entry.monitor != 0, state.inherited.count < limit else { return }
    var row = Row(statistics: nothing(of: id), first: .max, monitor: entry.monitor)
    row.statistics.label = LabelTable.label(entry.labelID)
    state.inherited[id] = row
  }

  /// Looks at the collection itself, through the kernel: the monitor may be gone.
  private static func look(_ row: inout Row) {
    guard let monitor = MonitorSnapshot(address: row.monitor, id: row.statistics.id) else { return }
    if row.type == 0 { row.type = monitor.typeAddress }
    if let count = monitor.count { row.statistics.peakCount = max(row.statistics.peakCount ?? 0, count) }
  }

  private static func noteEnd(_ id: UInt64, _ state: inout State) {
    state.rows[id]?.statistics.isDestroyed = true
    state.rows[id]?.monitor = 0
    state.destroyed.append(id)
    guard state.destroyed.count > destroyedLimit else { return }
    // Half at once, so that the array is not shifted for each.
    let count = destroyedLimit / 2
    for id in state.destroyed.prefix(count) { state.rows[id] = nil }
    state.destroyed.removeFirst(count)
    state.forgotten += UInt64(count)
  }

  /// Finds the collections whose end was never read, because the record of it was lost: they would
  /// fill the table.
  ///
  /// Called when there are half as many again as after the last time: rows of collections that live
  /// on cost nothing while others come and go whose ends are read.
  ///
  /// - Complexity: O(rows), after at least half as many new rows.
  private static func sweep(_ state: inout State) {
    var ended: [UInt64] = []
    for (id, row) in state.rows where !row.statistics.isDestroyed {
      // Without its creation a collection cannot be looked at: it counts as gone when nothing was
      // heard of it meanwhile.
      let isThere =
        row.monitor == 0
        ? row.isFresh : (MonitorSnapshot(address: row.monitor, id: id)?.version ?? .retired) != .retired
      if !isThere { ended.append(id) }
      state.rows[id]?.isFresh = false
    }
    // Each thread's collections in their order.
    for id in ended.sorted() { noteEnd(id, &state) }
    let living = state.rows.count - state.destroyed.count
    state.untilSweep = max(destroyedLimit, living / 2)
    // Where nearly all that can be kept live, new ones are still taken in when one of them has
    // gone.
    state.sweepAt = min(living + state.untilSweep, limit - destroyedLimit)
    state.sweeps += 1
  }

  package static func statistics(of id: UInt64) -> CollectionStatistics? { state.withLock { $0.rows[id] }.map(named) }

  private static func named(_ row: Row) -> CollectionStatistics {
    var statistics = row.statistics
    if row.type != 0 { statistics.type = TypeNames.name(of: unsafeBitCast(row.type, to: Any.Type.self)) }
    return statistics
  }

  /// How often all rows were looked at.
  static var sweeps: Int { state.withLock { $0.sweeps } }

  package static var recordsLost: UInt64 { state.withLock { $0.recordsLost } }

  package static var all: [CollectionStatistics] {
    let violations = PendingReportQueue.countsByCollection
    return state.withLock { Array($0.rows.values) }.map(named).sorted { $0.id < $1.id }.map { row in
      var row = row
      row.violations = violations[row.id] ?? 0
      return row
    }
  }

  static var accessCounts: (reads: UInt64, writes: UInt64, recordsLost: UInt64, collections: Int) {
    state.withLock { ($0.reads, $0.writes, $0.recordsLost, $0.rows.count + Int($0.forgotten)) }
  }
}

#endif
