// SPDX-License-Identifier: Apache-2.0
//
// The bridge to swift-metrics, behind the trait `Metrics`: the detector reports the totals at an
// interval. No access runs this code; metric handles are created once.

#if Metrics
public import AccessAudit
public import CoreMetrics
internal import Synchronization

/// Reports the audit's totals through swift-metrics.
///
///     MetricsSystem.bootstrap(factory)
///     AccessAuditMetrics.bridge()
///
/// Counters `access_audit_violations_total` with the dimension `kind`,
/// `access_audit_accesses_total` with `access`, `access_audit_records_lost_total`; meter
/// `access_audit_detector_lag_seconds`.
public enum AccessAuditMetrics {
  /// Updates the metrics every `seconds`, on the detector thread, from the first audited access
  /// on.
  ///
  /// - Parameters:
  ///   - factory: The factory that creates the metrics; by default the application's,
  ///     bootstrapped before.
  ///   - seconds: The interval, at least the detector's tick of 10 ms.
  /// - Returns: an observer that can end the updates; it need not be kept.
  @discardableResult
  public static func bridge(
    factory: any MetricsFactory = MetricsSystem.factory, seconds: Double = 10
  ) -> TotalsObserver {
    let handles = MetricHandles(factory)
    return AccessAudit.onInterval(seconds: seconds) { handles.update($0) }
  }
}

/// The metrics, and the totals reported last: counters are incremented by differences.
final class MetricHandles: Sendable {
  private let violations: [ViolationKind: Counter]
  private let reads: Counter
  private let writes: Counter
  private let recordsLost: Counter
  private let lag: Meter
  private let last: Mutex<AuditTotals?> = Mutex(nil)

  init(_ factory: any MetricsFactory) {
    violations = Dictionary(
      uniqueKeysWithValues: ViolationKind.allCases.map { kind in
        let counter = Counter(
          label: "access_audit_violations_total", dimensions: [("kind", kind.rawValue)], factory: factory)
        return (kind, counter)
      })
    reads = Counter(label: "access_audit_accesses_total", dimensions: [("access", "read")], factory: factory)
    writes = Counter(label: "access_audit_accesses_total", dimensions: [("access", "write")], factory: factory)
    recordsLost = Counter(label: "access_audit_records_lost_total", factory: factory)
    lag = Meter(label: "access_audit_detector_lag_seconds", factory: factory)
  }

  /// Adds the increase since the last call.
  func update(_ totals: AuditTotals) {
    let before = last.withLock { last in
      defer { last = totals }
      return last
    }
    for (kind, counter) in violations {
      add(totals.violations[kind] ?? 0, before?.violations[kind] ?? 0, to: counter)
    }
    add(totals.reads, before?.reads ?? 0, to: reads)
    add(totals.writes, before?.writes ?? 0, to: writes)
    add(totals.recordsLost, before?.recordsLost ?? 0, to: recordsLost)
    lag.set(totals.detectorLagSeconds)
  }

  private func add(_ new: UInt64, _ old: UInt64, to counter: Counter) {
    if new > old { counter.increment(by: Int64(clamping: new - old)) }
  }
}
#endif
