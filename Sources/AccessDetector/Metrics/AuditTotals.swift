// SPDX-License-Identifier: Apache-2.0
//
// The whole process in numbers, for monitoring. Collected from counters that exist anyway; no
// access passes through here.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessReports
public import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

/// What the audit has seen in this process, without its parent, in numbers that only grow, and
/// what holds now: how far behind the detector is, what hunting has not decided.
public struct AuditTotals: Sendable, Hashable {
  /// Violations by kind: each time one was seen, repeated and suppressed ones included. Kinds not
  /// seen count 0.
  public var violations: [ViolationKind: UInt64]
  /// Distinct violations reported.
  public var reported: UInt64
  /// The distinct violations that were reported, by a name that is the same in other builds: the
  /// part of a baseline's `fingerprint` before the colon. Several between the same two functions
  /// have the same name. At most `maxReports`.
  public var races: [String: Int]
  /// Distinct violations that a suppression matched.
  public var suppressed: UInt64
  /// Reads recorded and counted.
  public var reads: UInt64
  /// Writes recorded and counted.
  public var writes: UInt64
  /// Records overwritten before they were counted, and accesses that were checked but not recorded.
  public var recordsLost: UInt64
  /// Stacks that could not be kept.
  public var stacksLost: UInt64
  /// Collections seen.
  public var collections: Int
  /// Seconds since the detector last finished a round; the tick (0.01) and the length of a round
  /// when all is well, 0 while it has not started, and while it sleeps because no accesses are
  /// made. Between two bursts of the option `duty`, the time by which the next one is late.
  public var detectorLagSeconds: Double
  /// Whether the detector's thread is there: not before the first audited access, nor where it
  /// could not be started.
  public var detectorIsRunning: Bool
  /// Pairs of call sites that hunting takes for possible races and has not decided; 0 while `hunt`
  /// is off.
  public var suspects: Int
  /// The share of time in which accesses are audited, as configured: 1, less with the option
  /// `duty`, 0 while auditing is off.
  public var dutyRatio: Double
  /// Whether accesses are being audited; `false` between the bursts of the option `duty`.
  public var isEnabled: Bool

  package init(
    violations: [ViolationKind: UInt64], reported: UInt64, races: [String: Int], suppressed: UInt64, reads: UInt64,
    writes: UInt64, recordsLost: UInt64, stacksLost: UInt64, collections: Int, detectorLagSeconds: Double,
    detectorIsRunning: Bool, suspects: Int, dutyRatio: Double, isEnabled: Bool
  ) {
    self.violations = violations
    self.reported = reported
    self.races = races
    self.suppressed = suppressed
    self.reads = reads
    self.writes = writes
    self.recordsLost = recordsLost
    self.stacksLost = stacksLost
    self.collections = collections
    self.detectorLagSeconds = detectorLagSeconds
    self.detectorIsRunning = detectorIsRunning
    self.suspects = suspects
    self.dutyRatio = dutyRatio
    self.isEnabled = isEnabled
  }

  package static func current() -> AuditTotals {
    let counts = StatisticsTable.accessCounts
    let configuration = Engine.configuration
    let seen = PendingReportQueue.countsByKind
    let unrecorded = ThreadRegistry.all.reduce(UInt64(0)) { $0 + $1.pointee.unrecorded.load(ordering: .relaxed) }
    let reported = ViolationLog.all
    return AuditTotals(
      violations: Dictionary(uniqueKeysWithValues: ViolationKind.allCases.map { ($0, seen[$0] ?? 0) }),
      reported: UInt64(reported.count),
      races: reported.reduce(into: [:]) { $0[$1.raceFingerprint, default: 0] += 1 },
      suppressed: ViolationLog.suppressed, reads: counts.reads,
      writes: counts.writes, recordsLost: counts.recordsLost + unrecorded,
      stacksLost: ThreadRegistry.stacks?.counters.pointee.lost.load(ordering: .relaxed) ?? 0,
      collections: counts.collections,
      detectorLagSeconds: Double(Detector.lagNanoseconds) / 1e9, detectorIsRunning: Detector.isStartedHere,
      suspects: Hunt.openPairs, dutyRatio: configuration.isEnabled ? Double(configuration.dutyPercent) / 100 : 0,
      isEnabled: audit_mode() != AUDIT_MODE_OFF)
  }
}

/// A registered observer of totals. It stays registered until it is cancelled.
public final class TotalsObserver: Sendable {
  private let id: UInt64

  package init(id: UInt64) { self.id = id }

  /// Ends the observation. A call already under way on the detector thread finishes.
  public func cancel() { TotalsObservers.remove(id) }
}

package enum TotalsObservers {
  private struct Observer {
    var id: UInt64
    var interval: UInt64
    var next: Moment
    var handler: @Sendable (AuditTotals) -> Void
  }

  private struct State {
    var lastID: UInt64 = 0
    var observers: [Observer] = []
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_TOTALS_OBSERVERS, isInherited: true) { State() }
  }

  package static func add(seconds: Double, _ handler: @escaping @Sendable (AuditTotals) -> Void) -> TotalsObserver {
    // A year at most: also what is left of a number that is none.
    let seconds = seconds > 0 ? min(seconds, 31_536_000) : 0
    // The detector may be asleep until there is something to do.
    defer { Detector.post() }
    return state.withLock { state in
      state.lastID += 1
      state.observers.append(
        Observer(id: state.lastID, interval: UInt64(seconds * 1e9), next: .never, handler: handler))
      return TotalsObserver(id: state.lastID)
    }
  }

  static func remove(_ id: UInt64) { state.withLock { $0.observers.removeAll { $0.id == id } } }

  /// The time until the next call; `nil` when there are no observers.
  static var nanosecondsUntilNext: UInt64? {
    let next = state.withLock { $0.observers.map(\.next).min() }
    return next.map { $0.nanoseconds(since: .now()) }
  }

  /// Calls the observers whose time has come. Called by the detector, once a round.
  static func notify() {
    let now = Moment.now()
    let due = state.withLock { state -> [@Sendable (AuditTotals) -> Void] in
      var due: [@Sendable (AuditTotals) -> Void] = []
      for index in state.observers.indices where state.observers[index].next <= now {
        state.observers[index].next = now.advanced(byNanoseconds: state.observers[index].interval)
        due.append(state.observers[index].handler)
      }
      return due
    }
    guard !due.isEmpty else { return }
    let totals = AuditTotals.current()
    for handler in due { handler(totals) }
  }
}

#endif
