// SPDX-License-Identifier: Apache-2.0
//
// The violations reported so far, and who wants to be told. Locks are held for a look-up, never
// while calling out.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
package import AccessReports
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

/// A race that was reported.
private struct ReportedRace {
  /// One line.
  var summary: String
  /// The pairs of stacks that it was seen with.
  var pairs: [PendingReport.Pair]
  var isDelivered: Bool
}

package enum ViolationLog {
  private struct State {
    var violations: [Violation] = []
    var delivered = 0
    var suppressed: UInt64 = 0
    var unreported: UInt64 = 0
    var races: [ReportedRace] = []
    /// The races by what tells them apart, and the single accesses that they have.
    var indices: [String: Int] = [:]
    var accesses: [String: Int] = [:]
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_VIOLATIONS, isInherited: false) { State() }
  }

  package static var all: [Violation] { state.withLock { $0.violations } }
  static var unreported: UInt64 { state.withLock { $0.unreported } }
  static var suppressed: UInt64 { state.withLock { $0.suppressed } }

  /// How many were reported to nobody but the log and the observers: not to a test.
  static var undelivered: Int { state.withLock { $0.violations.count - $0.delivered } }

  package static func add(_ violation: Violation, isDelivered: Bool) {
    state.withLock { state in
      state.violations.append(violation)
      if isDelivered { state.delivered += 1 }
    }
  }

  /// Whether a race was reported before to the same readers: a test's, or everybody's. If not, it
  /// is from now on.
  ///
  /// A race is a pair of source places on one declaration. Its other pairs of stacks are counted
  /// with it. A violation whose other access is unknown adds nothing to one that has both.
  static func isKnown(_ violation: Violation, _ pair: PendingReport.Pair, isDelivered: Bool) -> Bool {
    state.withLock { state in
      let readers = isDelivered ? "tests " : ""
      let identity = readers + RaceIdentity.exact(violation)
      let accesses = violation.accesses.map { readers + RaceIdentity.exact($0, of: violation) }
      let known = state.indices[identity] ?? (violation.conflicting.location == nil ? state.accesses[accesses[0]] : nil)
      if let known {
        state.races[known].pairs.append(pair)
        return true
      }
      state.indices[identity] = state.races.count
      for access in accesses { state.accesses[access] = state.races.count }
      state.races.append(ReportedRace(summary: violation.summaryLine, pairs: [pair], isDelivered: isDelivered))
      return false
    }
  }

  /// The races that were reported to everybody, the most frequent first, with how often each was
  /// seen.
  static var counts: [(summary: String, times: UInt64)] {
    let races = state.withLock { $0.races.filter { !$0.isDelivered } }
    return races.map { race in
      (race.summary, race.pairs.reduce(0) { $0 + PendingReportQueue.timesSeen($1) })
    }.sorted { $0.times > $1.times }
  }

  /// Adds a violation to a log of its own, and tells nobody.
  static func rehearse(_ violation: Violation) {
    var state = State()
    state.violations.append(violation)
    state.indices[RaceIdentity.exact(violation)] = 0
    state.accesses[RaceIdentity.exact(violation.detected, of: violation)] = 0
    state.races.append(ReportedRace(summary: violation.summaryLine, pairs: [], isDelivered: false))
    _ = undelivered
    _ = counts
    ViolationObservers.rehearse(violation)
  }

  static func countSuppressed() { state.withLock { $0.suppressed += 1 } }
  static func countUnreported() { state.withLock { $0.unreported += 1 } }
}

/// A registered observer of violations. It stays registered until it is cancelled.
public final class ViolationObserver: Sendable {
  private let id: UInt64

  package init(id: UInt64) { self.id = id }

  /// Ends the observation. A call already under way on the detector thread finishes.
  public func cancel() { ViolationObservers.remove(id) }
}

package enum ViolationObservers {
  private struct State {
    var next: UInt64 = 0
    var handlers: [(id: UInt64, handler: @Sendable (Violation) -> Void)] = []
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_VIOLATION_OBSERVERS, isInherited: true) { State() }
  }

  package static func add(_ handler: @escaping @Sendable (Violation) -> Void) -> ViolationObserver {
    state.withLock { state in
      state.next += 1
      state.handlers.append((state.next, handler))
      return ViolationObserver(id: state.next)
    }
  }

  static func remove(_ id: UInt64) { state.withLock { $0.handlers.removeAll { $0.id == id } } }

  static func rehearse(_ violation: Violation) {
    _ = state.withLock { $0.handlers.map(\.handler) }
    call([], violation)
  }

  private static func call(_ handlers: [@Sendable (Violation) -> Void], _ violation: Violation) {
    for handler in handlers { handler(violation) }
  }

  private static var notifies: SharedWord<UInt64> { SharedWord(AUDIT_WORD_DETECTOR_NOTIFIES) }
  /// Whether the detector is calling an observer of violations.
  static var areNotified: Bool { notifies.load(ordering: .relaxed) != 0 }

  static func notify(_ violation: Violation) {
    let handlers = state.withLock { $0.handlers.map(\.handler) }
    notifies.store(1, ordering: .relaxed)
    call(handlers, violation)
    notifies.store(0, ordering: .relaxed)
  }
}

#endif
