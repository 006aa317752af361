// SPDX-License-Identifier: Apache-2.0
//
// The bridge to swift-metrics, with the trait `Metrics`: totals in, counters out.

#if Metrics
import AccessAudit
@testable import AccessAuditMetrics
import MetricsTestKit
import Testing

struct MetricsTests {
  static func totals(
    writes: UInt64, violations: UInt64, lost: UInt64, lag: Double, suspects: Int = 0, duty: Double = 1,
    isEnabled: Bool = true, races: [String: Int] = [:]
  ) -> AuditTotals {
    AuditTotals(
      violations: [.concurrentWrites: violations], reported: violations, races: races, suppressed: 0,
      reads: 2 * writes, writes: writes, recordsLost: lost, stacksLost: 0, collections: 1, detectorLagSeconds: lag,
      detectorIsRunning: true, suspects: suspects, dutyRatio: duty, isEnabled: isEnabled)
  }

  /// Counters add up to the totals, however often they are updated.
  @Test func counters_takeTheDifferences() throws {
    let metrics = TestMetrics()
    let handles = MetricHandles(metrics)
    handles.update(Self.totals(writes: 10, violations: 1, lost: 0, lag: 0.01), unixTime: 1_000)
    handles.update(Self.totals(writes: 10, violations: 1, lost: 0, lag: 0.02), unixTime: 1_010)
    handles.update(Self.totals(writes: 25, violations: 3, lost: 4, lag: 1.5), unixTime: 1_020)
    let kind = [("kind", "concurrent-writes")]
    #expect(try metrics.expectCounter("access_audit_violations_total", kind).values == [1, 2])
    #expect(try metrics.expectCounter("access_audit_accesses_total", [("access", "write")]).values == [10, 15])
    #expect(try metrics.expectCounter("access_audit_accesses_total", [("access", "read")]).values == [20, 30])
    #expect(try metrics.expectCounter("access_audit_records_lost_total").values == [4])
    #expect(try metrics.expectCounter("access_audit_reports_total", [("outcome", "reported")]).values == [1, 2])
    #expect(try metrics.expectCounter("access_audit_collections_total").values == [1])
    #expect(try metrics.expectMeter("access_audit_updated_timestamp_seconds").lastValue == 1_020)
    #expect(try metrics.expectMeter("access_audit_detector_lag_seconds").lastValue == 1.5)
    #expect(throws: (any Error).self) {
      try metrics.expectCounter("access_audit_violations_total", [("kind", "none")])
    }
  }

  /// What holds now may fall again, as counters may not.
  @Test func meters_takeTheLastValue() throws {
    let metrics = TestMetrics()
    let handles = MetricHandles(metrics)
    handles.update(Self.totals(writes: 1, violations: 0, lost: 0, lag: 0, suspects: 7, duty: 0.05), unixTime: 1)
    #expect(try metrics.expectMeter("access_audit_suspects").lastValue == 7)
    #expect(try metrics.expectMeter("access_audit_duty_ratio").lastValue == 0.05)
    #expect(try metrics.expectMeter("access_audit_enabled").lastValue == 1)
    #expect(try metrics.expectMeter("access_audit_detector_running").lastValue == 1)
    handles.update(Self.totals(writes: 1, violations: 0, lost: 0, lag: 0, suspects: 2, isEnabled: false), unixTime: 2)
    #expect(try metrics.expectMeter("access_audit_suspects").lastValue == 2)
    #expect(try metrics.expectMeter("access_audit_duty_ratio").lastValue == 1)
    #expect(try metrics.expectMeter("access_audit_enabled").lastValue == 0)
  }

  @Test func races_haveMetersOfTheirOwn() throws {
    let metrics = TestMetrics()
    let handles = MetricHandles(metrics)
    handles.update(Self.totals(writes: 1, violations: 0, lost: 0, lag: 0), unixTime: 1)
    handles.update(Self.totals(writes: 1, violations: 1, lost: 0, lag: 0, races: ["a": 1]), unixTime: 2)
    handles.update(Self.totals(writes: 1, violations: 3, lost: 0, lag: 0, races: ["a": 2, "b": 1]), unixTime: 3)
    #expect(try metrics.expectMeter("access_audit_races", [("race", "a")]).values == [1, 2])
    #expect(try metrics.expectMeter("access_audit_races", [("race", "b")]).values == [1])
  }

  @Test func bridge_canBeCancelled() {
    let observer = AccessAuditMetrics.bridge(factory: TestMetrics(), seconds: 0.01)
    observer.cancel()
  }
}
#endif
