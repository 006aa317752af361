// SPDX-License-Identifier: Apache-2.0
//
// The parts of a violation that surround the two accesses: overlap, traffic, roles in the history,
// reasons for missing stacks. Runs on the detector; what another thread may have freed is read
// through the kernel.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import AccessRecorder
internal import AccessReports
internal import AccessWindows
internal import Synchronization

/// How long two accesses overlapped at least or at most, taken before anything slow is done.
struct OverlapBounds {
  var atLeastNanoseconds: UInt64?
  var atMostNanoseconds: UInt64?

  static func measure(_ pendingReport: PendingReport) -> OverlapBounds {
    guard pendingReport.conflictingIsInProgress else { return OverlapBounds() }
    // The clock first for the lower bound, after for the upper one.
    let before = Moment.now()
    let isStillInProgress = isStillInProgress(pendingReport.collection)
    return isStillInProgress
      ? OverlapBounds(atLeastNanoseconds: before.nanoseconds(since: pendingReport.moment))
      : OverlapBounds(atMostNanoseconds: Moment.now().nanoseconds(since: pendingReport.moment))
  }

  /// Whether the collection's monitor has the very version it had when the violation was seen.
  private static func isStillInProgress(_ collection: PendingReportCollection) -> Bool {
    guard collection.version.isInProgress else { return false }
    return MonitorSnapshot(address: collection.address, id: collection.id)?.version == collection.version
  }
}

extension ViolationBuilder {
  /// How the accesses lay in time, as far as it was seen.
  func overlap(_ pendingReport: PendingReport, history: [HistoryRecord], bounds: OverlapBounds) -> Violation.Overlap {
    var overlap = Violation.Overlap(
      atLeastNanoseconds: bounds.atLeastNanoseconds, atMostNanoseconds: bounds.atMostNanoseconds)
    let detected = history.firstIndex { isRecord($0, of: pendingReport.detected) }
    let conflicting = history.firstIndex { isRecord($0, of: pendingReport.conflicting) }
    if let conflicting, let begun = pendingReport.conflicting.coarseMilliseconds {
      let seen =
        detected.map { history[$0].record.coarseMilliseconds } ?? history[conflicting].record.coarseMilliseconds
      overlap.conflictingAgeMilliseconds = CoarseClock.milliseconds(from: begun, to: seen)
    }
    if let detected, let conflicting { overlap.accessesBetween = max(0, abs(conflicting - detected) - 1) }
    return overlap
  }

  /// Whether the record is the one of that side: by its place in the ring, or by its stack where
  /// that is unknown.
  private func isRecord(_ record: HistoryRecord, of access: PendingReportAccess) -> Bool {
    guard record.threadID == access.threadID, record.record.operation == access.operation else { return false }
    return access.sequence.map { $0 == record.record.sequence } ?? (record.record.stackID == access.stackID)
  }

  /// The records for the report's history, as long as they are there. Where the process goes on, so
  /// do the accesses: what came after the violation is left out.
  static func history(of pendingReport: PendingReport) -> [HistoryRecord] {
    let last: VersionWord =
      switch pendingReport.kind {
      // Nothing comes after the end of the collection, or of the process.
      case .destroyedDuringAccess, .crashDuringAccess: .retired
      default: pendingReport.collection.version
      }
    return AccessHistory.collect(pendingReport.collection.id, limit: searchLimit, until: last)
  }

  /// The entries of the report's history, the two accesses marked.
  func entries(_ pendingReport: PendingReport, history: [HistoryRecord]) -> [Violation.HistoryEntry] {
    var isMarked: Set<Violation.Role> = []
    let detected = history.first { isRecord($0, of: pendingReport.detected) } ?? history.first
    let seen = detected?.record.coarseMilliseconds ?? pendingReport.conflicting.coarseMilliseconds ?? 0
    var entries = history.prefix(Self.historyLimit).map { record in
      var entry = entry(record, now: seen)
      for (role, access) in [
        (Violation.Role.detected, pendingReport.detected), (.conflicting, pendingReport.conflicting),
      ]
      where isRecord(record, of: access) && entry.role == nil && isMarked.insert(role).inserted {
        entry.role = role
        // Taken while the thread was there.
        entry.thread.name = access.threadName ?? entry.thread.name
      }
      return entry
    }
    addParties(of: pendingReport, seen: seen, to: &entries)
    return Array(entries.prefix(Self.historyLimit))
  }

  /// Puts an access of the violation where it belongs when its record has been overwritten, or is
  /// farther back than the history goes: the violation knows it.
  private func addParties(of pendingReport: PendingReport, seen: UInt32, to entries: inout [Violation.HistoryEntry]) {
    let hasDetected = entries.contains { $0.role == .detected }
    if !hasDetected, let entry = entry(pendingReport.detected, role: .detected, age: 0) {
      entries.insert(entry, at: 0)
    }
    guard !entries.contains(where: { $0.role == .conflicting }) else { return }
    let age = pendingReport.conflicting.coarseMilliseconds.map { CoarseClock.milliseconds(from: $0, to: seen) }
    guard let age, let entry = entry(pendingReport.conflicting, role: .conflicting, age: age) else { return }
    let detected = entries.firstIndex { $0.role == .detected } ?? -1
    let older = entries.indices.first { $0 > detected && entries[$0].ageMilliseconds > age } ?? entries.count
    entries.insert(entry, at: min(older, Self.historyLimit - 1))
  }

  private func entry(_ access: PendingReportAccess, role: Violation.Role, age: Int) -> Violation.HistoryEntry? {
    guard let operation = access.operation else { return nil }
    return Violation.HistoryEntry(
      thread: .init(id: access.threadID, name: access.threadName), operation: operation, writing: access.isWriting,
      ageMilliseconds: age, frame: innermost(source.frames(addresses(access.stackID))), role: role)
  }

  func traffic(_ id: UInt64) -> Violation.Traffic? {
    guard let row = StatisticsTable.statistics(of: id) else { return nil }
    return Violation.Traffic(
      reads: row.reads, writes: row.writes, threads: row.threads.count,
      lifetimeMilliseconds: row.lifetimeMilliseconds, isLowerBound: losses.records > 0 || losses.unrecorded > 0)
  }

  /// Why a stack is missing.
  func stackLoss(_ access: PendingReportAccess) -> Violation.StackLoss {
    if access.operation == nil { return .recordLost }
    if configuration.stacks == .off { return .switchedOff }
    if let used = ThreadRegistry.stacks?.counters.pointee.entriesUsed.load(ordering: .relaxed),
      used >= StackTable.entryLimit
    {
      return .tableFull
    }
    return .notUnwound
  }
}

#endif
