// SPDX-License-Identifier: Apache-2.0
//
// The hand-over from the threads that see violations to the detector: bounded, and each race once.
// Locks here are held for a look-up, by slow paths and the detector only.

#if AUDITED && canImport(Glibc)

package import AccessRecorder
package import AccessTerms
internal import CAccessRecorder
internal import Synchronization

package enum PendingReportQueue {
  private struct State {
    var waiting: [PendingReport] = []
    /// Those that the detector is about: taken, and their reports not written yet.
    var taken: [PendingReport] = []
    /// How often each race was seen; a race is known from its first pending report on.
    var timesSeen: [PendingReport.Pair: UInt64] = [:]
    /// Every pending report, by kind and by collection, the repeated and dropped ones included.
    var byKind: [ViolationKind: UInt64] = [:]
    var byCollection: [UInt64: UInt64] = [:]
    /// A reported race for each kind and detected stack, for pending reports whose other party was
    /// lost.
    var example: [PendingReport.Pair: PendingReport.Pair] = [:]

    /// The race that a pending report is one of, if that was seen before. A pending report without
    /// the other party's stack adds nothing to one with it.
    func known(_ pendingReport: PendingReport) -> PendingReport.Pair? {
      if timesSeen[pendingReport.pair] != nil { return pendingReport.pair }
      return pendingReport.conflicting.stackID == 0 ? example[pendingReport.pair] : nil
    }
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_PENDING_REPORTS, isInherited: false) { State() }
  }
  /// Distinct races kept apart, and pending reports waiting, at most.
  package static let limit = 4_096
  /// PendingReports that found the queue full.
  package static var dropped: SharedWord<UInt64> { SharedWord(AUDIT_WORD_PENDING_REPORTS_DROPPED) }
  /// PendingReports whose reports are not written yet.
  package static var unwritten: SharedWord<Int> { SharedWord(AUDIT_WORD_PENDING_REPORTS_UNWRITTEN) }
  /// Every pending report, the repeated and dropped ones included.
  package static var total: SharedWord<UInt64> { SharedWord(AUDIT_WORD_PENDING_REPORTS) }

  /// Adds a pending report, completed by `complete` if it is to be reported; `false` when the race
  /// is known already, and was counted.
  package static func add(_ pendingReport: PendingReport, completedBy complete: (inout PendingReport) -> Void) -> Bool {
    total.wrappingAdd(1, ordering: .relaxed)
    var pendingReport = pendingReport
    if state.withLock({ $0.known(pendingReport) == nil }) { complete(&pendingReport) }
    return state.withLock { state in
      state.byKind[pendingReport.kind, default: 0] += 1
      if state.byCollection.count < limit || state.byCollection[pendingReport.collection.id] != nil {
        state.byCollection[pendingReport.collection.id, default: 0] += 1
      }
      if let known = state.known(pendingReport) {
        state.timesSeen[known, default: 0] += 1
        return false
      }
      guard state.timesSeen.count < limit, state.waiting.count < limit else {
        dropped.wrappingAdd(1, ordering: .relaxed)
        return false
      }
      state.timesSeen[pendingReport.pair] = 1
      var withoutOther = pendingReport.pair
      withoutOther.conflicting = 0
      state.example[withoutOther] = pendingReport.pair
      state.waiting.append(pendingReport)
      unwritten.wrappingAdd(1, ordering: .acquiringAndReleasing)
      return true
    }
  }

  /// Forgets the races of a test's scope, 0 for those of none: the next pending report of each
  /// counts as new.
  package static func forget(scope: UInt32) {
    state.withLock { state in
      state.timesSeen = state.timesSeen.filter { $0.key.scope != scope }
      state.example = state.example.filter { $0.key.scope != scope }
    }
  }

  package static func takeAll() -> [PendingReport] {
    state.withLock { state in
      defer { state.waiting = [] }
      state.taken += state.waiting
      return state.waiting
    }
  }

  /// The report of a pending report is written, or there is to be none. Only the detector calls
  /// this.
  package static func finish(_ pendingReport: PendingReport) {
    state.withLock { state in
      guard let index = state.taken.firstIndex(where: { $0.pair == pendingReport.pair }) else { return }
      state.taken.remove(at: index)
      unwritten.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    }
  }

  /// The pending reports whose reports are not written yet.
  package static var unfinished: [PendingReport] { state.withLock { $0.taken + $0.waiting } }

  package static func timesSeen(_ pair: PendingReport.Pair) -> UInt64 {
    state.withLock { $0.timesSeen[pair] ?? 0 }
  }

  package static var countsByKind: [ViolationKind: UInt64] { state.withLock { $0.byKind } }
  package static var countsByCollection: [UInt64: UInt64] { state.withLock { $0.byCollection } }

  package static var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }
}

#endif
