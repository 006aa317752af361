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

  /// The entries of the report's history, the two accesses marked.
  func entries(_ pendingReport: PendingReport, history: [HistoryRecord]) -> [Violation.HistoryEntry] {
    var isMarked: Set<Violation.Role> = []
    let detected = history.first { isRecord($0, of: pendingReport.detected) } ?? history.first
    let seen = detected?.record.coarseMilliseconds ?? 0
    return history.prefix(Self.historyLimit).map { record in
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
