// SPDX-License-Identifier: Apache-2.0
//
// The traffic of one collection, as users see it, and what the records of one round add up to.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import AccessRecorder
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
  /// Violations seen on it: each time, the suppressed ones included. Kept for the first 4 096
  /// collections that had one.
  public var violations: UInt64 = 0
}

/// The records of one round, added up.
struct StatisticsBatch {
  struct Entry {
    var reads: UInt64 = 0
    var writes: UInt64 = 0
    var threads: Set<Int32> = []
    /// The thread of the record that was added last: most records of a round are of one.
    var lastThreadID: Int32 = 0
    var first: UInt32 = .max
    var last: UInt32 = 0
    var monitor: UInt = 0
    var labelID: UInt32 = 0
    var isDestroyed = false
    /// Whether a record is of this process, and not of the one that it was forked from.
    var isOwn = false
  }

  var entries: [UInt64: Entry] = [:]
  /// The threads of this process whose records were read.
  var threads: Set<Int32> = []
  private var currentID: UInt64 = .max
  private var current = Entry()

  /// - Parameter isOwn: Whether this process made the record, and not the one that it was forked
  ///   from.
  mutating func add(_ record: AccessRecord, threadID: Int32, isOwn: Bool = true) {
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
      guard isOwn, !record.isAgain else { break }
      if record.isWriting { current.writes += 1 } else { current.reads += 1 }
    }
    guard isOwn else { return }
    current.isOwn = true
    if current.lastThreadID != threadID {
      current.lastThreadID = threadID
      if current.threads.count < 64 { current.threads.insert(threadID) }
    }
    current.first = min(current.first, record.coarseMilliseconds)
    current.last = max(current.last, record.coarseMilliseconds)
  }

  /// Puts the entry being added to back among the others.
  mutating func settle() {
    if currentID != .max { entries[currentID] = current }
    currentID = .max
  }
}

#endif
