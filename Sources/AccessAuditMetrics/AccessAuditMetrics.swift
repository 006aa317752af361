// SPDX-License-Identifier: Apache-2.0
//
// The bridge to swift-metrics, behind the trait `Metrics`: the detector reports the totals at an
// interval. No access runs this code; metric handles are created once.

#if Metrics
public import AccessAudit
public import CoreMetrics
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
internal import Synchronization

/// Reports the audit's totals through swift-metrics.
///
///     MetricsSystem.bootstrap(factory)
///     AccessAuditMetrics.bridge()
///
/// The names, dimensions and values are those of `AuditTotals.prometheusText`: the counters
/// `access_audit_violations_total` with the dimension `kind`, `access_audit_reports_total` with
/// `outcome`, `access_audit_accesses_total` with `access`, `access_audit_records_lost_total`,
/// `access_audit_stacks_lost_total` and `access_audit_collections_total`; the meters
/// `access_audit_races` with `race`, `access_audit_suspects`, `access_audit_duty_ratio`,
/// `access_audit_enabled`, `access_audit_detector_running` and
/// `access_audit_detector_lag_seconds`. One is the bridge's own:
/// the meter `access_audit_updated_timestamp_seconds`, the Unix time of the last update. The
/// detector makes the updates, so that a detector that stalls shows in this one alone.
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
    return AccessAudit.onInterval(seconds: seconds) {
      handles.update($0, unixTime: Date.now.timeIntervalSince1970)
    }
  }
}

/// The metrics, and the totals reported last: counters are incremented by differences.
final class MetricHandles: Sendable {
  private struct Total {
    var counter: Counter
    var value: @Sendable (AuditTotals) -> UInt64
  }

  private let totals: [Total]
  private let factory: any MetricsFactory
  private let suspects: Meter
  private let dutyRatio: Meter
  private let isEnabled: Meter
  private let detectorIsRunning: Meter
  private let detectorLag: Meter
  private let updated: Meter
  private let last: Mutex<AuditTotals?> = Mutex(nil)

  init(_ factory: any MetricsFactory) {
    self.factory = factory
    func total(
      _ name: String, _ dimensions: [(String, String)] = [], _ value: @escaping @Sendable (AuditTotals) -> UInt64
    ) -> Total {
      Total(
        counter: Counter(label: "access_audit_\(name)_total", dimensions: dimensions, factory: factory), value: value)
    }
    totals =
      ViolationKind.allCases.map { kind in
        total("violations", [("kind", kind.rawValue)]) { $0.violations[kind] ?? 0 }
      } + [
        total("reports", [("outcome", "reported")]) { $0.reported },
        total("reports", [("outcome", "suppressed")]) { $0.suppressed },
        total("accesses", [("access", "read")]) { $0.reads },
        total("accesses", [("access", "write")]) { $0.writes },
        total("records_lost") { $0.recordsLost },
        total("stacks_lost") { $0.stacksLost },
        total("collections") { UInt64($0.collections) },
      ]
    func meter(_ name: String) -> Meter { Meter(label: "access_audit_\(name)", factory: factory) }
    suspects = meter("suspects")
    dutyRatio = meter("duty_ratio")
    isEnabled = meter("enabled")
    detectorIsRunning = meter("detector_running")
    detectorLag = meter("detector_lag_seconds")
    updated = meter("updated_timestamp_seconds")
  }

  /// Adds the increase since the last call, and sets what holds now.
  func update(_ new: AuditTotals, unixTime: Double) {
    let before = last.withLock { last in
      defer { last = new }
      return last
    }
    for total in totals {
      let (value, known) = (total.value(new), before.map(total.value) ?? 0)
      if value > known { total.counter.increment(by: Int64(clamping: value - known)) }
    }
    // Looked up anew: which races there are shows as they are reported, `max_reports` at most.
    for (race, count) in new.races where before?.races[race] != count {
      Meter(label: "access_audit_races", dimensions: [("race", race)], factory: factory).set(count)
    }
    suspects.set(new.suspects)
    dutyRatio.set(new.dutyRatio)
    isEnabled.set(new.isEnabled ? 1 : 0)
    detectorIsRunning.set(new.detectorIsRunning ? 1 : 0)
    detectorLag.set(new.detectorLagSeconds)
    updated.set(unixTime)
  }
}
#endif
