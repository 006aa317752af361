// SPDX-License-Identifier: Apache-2.0
//
// What the drained records add up to, for each collection. Written by the detector, read through a lock by whoever asks.

internal import AccessRecorder
internal import CAccessRecorder
internal import Synchronization

/// The traffic of one collection, as far as its records were read before they were overwritten.
public struct CollectionStatistics: Sendable, Hashable {
  /// The collection's ID, as in reports.
  public var id: UInt64
  /// The type's name; `nil` when the record of the creation was lost.
  public var type: String?
  public var label: String?
  /// Reads recorded: a lower bound where records were lost.
  public var reads: UInt64
  /// Writes recorded: a lower bound where records were lost.
  public var writes: UInt64
  /// Kernel IDs of the threads that touched it; at most 64 are kept.
  public var threads: Set<Int32>
  /// The largest number of elements seen at the detector's ticks; `nil` when it was never seen.
  public var peakCount: Int?
  /// Milliseconds from its first to its last recorded access, to the detector's tick of 10 ms.
  public var lifetimeMilliseconds: Int
  public var isDestroyed: Bool
  /// Violations seen on it: each time, the suppressed ones included. Kept for the first 4 096 collections that had one.
  public var violations: UInt64 = 0
}

/// The records of one round, added up.
struct StatisticsBatch {
  struct Entry {
    var reads: UInt64 = 0
    var writes: UInt64 = 0
    var threads: Set<Int32> = []
    var first: UInt32 = .max
    var last: UInt32 = 0
    var monitor: UInt = 0
    var labelID: UInt32 = 0
    var isDestroyed = false
  }

  var entries: [UInt64: Entry] = [:]
  private var currentID: UInt64 = .max
  private var current = Entry()

  mutating func add(_ record: AccessRecord, threadID: Int32) {
    if record.collectionID != currentID {
      settle()
      currentID = record.collectionID
      current = entries.removeValue(forKey: currentID) ?? Entry()
    }
    switch record.operation {
    case .create:
      current.monitor = UInt(record.version.rawValue)
      current.labelID = UInt32(record.labelID)
    case .destroy: current.isDestroyed = true
    default:
      if record.isWriting { current.writes += 1 } else { current.reads += 1 }
    }
    if current.threads.count < 64 { current.threads.insert(threadID) }
    current.first = min(current.first, record.coarseMilliseconds)
    current.last = max(current.last, record.coarseMilliseconds)
  }

  /// Puts the entry being added to back among the others.
  mutating func settle() {
    if currentID != .max { entries[currentID] = current }
    currentID = .max
  }
}

enum StatisticsTable {
  private struct Row {
    var statistics: CollectionStatistics
    var first: UInt32
    var monitor: UInt
  }

  private struct State {
    var rows: [UInt64: Row] = [:]
    /// Destroyed collections in the order they went, the first to make room.
    var destroyed: [UInt64] = []
    var forgotten: UInt64 = 0
    var recordsLost: UInt64 = 0
    /// Of all collections, the forgotten ones included.
    var reads: UInt64 = 0
    var writes: UInt64 = 0
  }

  /// Collections kept at most; the oldest destroyed ones go first, then new ones are not taken in.
  static let limit = 16_384
  private static let state = ForkSafeLock(State())

  static func merge(_ batch: StatisticsBatch, recordsLost: UInt64) {
    var batch = batch
    batch.settle()
    guard !batch.entries.isEmpty else { return }
    state.withLock { state in
      state.recordsLost = recordsLost
      for (id, entry) in batch.entries {
        state.reads += entry.reads
        state.writes += entry.writes
        merge(entry, id: id, into: &state)
      }
    }
  }

  private static func merge(_ entry: StatisticsBatch.Entry, id: UInt64, into state: inout State) {
    if state.rows[id] == nil {
      guard makeRoom(&state) else { return state.forgotten += 1 }
      let empty = CollectionStatistics(
        id: id, type: nil, label: nil, reads: 0, writes: 0, threads: [], peakCount: nil, lifetimeMilliseconds: 0,
        isDestroyed: false)
      state.rows[id] = Row(statistics: empty, first: entry.first, monitor: 0)
    }
    var row = state.rows.removeValue(forKey: id)!
    row.statistics.reads += entry.reads
    row.statistics.writes += entry.writes
    if row.statistics.threads.count < 64 { row.statistics.threads.formUnion(entry.threads) }
    row.first = min(row.first, entry.first)
    row.statistics.lifetimeMilliseconds = Int(max(entry.last, row.first) - row.first)
    if entry.monitor != 0 {
      row.monitor = entry.monitor
      row.statistics.label = LabelTable.label(entry.labelID)
    }
    look(&row)
    if entry.isDestroyed {
      row.statistics.isDestroyed = true
      row.monitor = 0
      state.destroyed.append(id)
    }
    state.rows[id] = row
  }

  /// Looks at the collection itself, through the kernel: the monitor may be gone.
  private static func look(_ row: inout Row) {
    guard let monitor = MonitorSnapshot(address: row.monitor, id: row.statistics.id) else { return }
    if row.statistics.type == nil { row.statistics.type = TypeNames.name(of: monitor.type) }
    if let count = monitor.count { row.statistics.peakCount = max(row.statistics.peakCount ?? 0, count) }
  }

  private static func makeRoom(_ state: inout State) -> Bool {
    if state.rows.count < limit { return true }
    guard !state.destroyed.isEmpty else { return false }
    // Half at once, so that the array is not shifted for each.
    let count = max(1, state.destroyed.count / 2)
    for id in state.destroyed.prefix(count) { state.rows[id] = nil }
    state.destroyed.removeFirst(count)
    state.forgotten += UInt64(count)
    return true
  }

  static func statistics(of id: UInt64) -> CollectionStatistics? { state.withLock { $0.rows[id]?.statistics } }

  static var recordsLost: UInt64 { state.withLock { $0.recordsLost } }

  static var all: [CollectionStatistics] {
    let violations = SightingQueue.countsByCollection
    return state.withLock { $0.rows.values.map(\.statistics) }.sorted { $0.id < $1.id }.map { row in
      var row = row
      row.violations = violations[row.id] ?? 0
      return row
    }
  }

  static var accessCounts: (reads: UInt64, writes: UInt64, recordsLost: UInt64, collections: Int) {
    state.withLock { ($0.reads, $0.writes, $0.recordsLost, $0.rows.count + Int($0.forgotten)) }
  }
}
