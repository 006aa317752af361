// SPDX-License-Identifier: Apache-2.0
//
// The bridge to swift-metrics, with the trait `Metrics`: totals in, counters out.

#if Metrics
import AccessAudit
@testable import AccessAuditMetrics
import MetricsTestKit
import Testing

struct MetricsTests {
  static func totals(writes: UInt64, violations: UInt64, lost: UInt64, lag: Double) -> AuditTotals {
    AuditTotals(
      violations: [.concurrentWrites: violations], reported: violations, suppressed: 0, reads: 2 * writes,
      writes: writes, recordsLost: lost, stacksLost: 0, collections: 1, detectorLagSeconds: lag, isEnabled: true)
  }

  /// Counters add up to the totals, however often they are updated.
  @Test func counters_takeTheDifferences() throws {
    let metrics = TestMetrics()
    let handles = MetricHandles(metrics)
    handles.update(Self.totals(writes: 10, violations: 1, lost: 0, lag: 0.01))
    handles.update(Self.totals(writes: 10, violations: 1, lost: 0, lag: 0.02))
    handles.update(Self.totals(writes: 25, violations: 3, lost: 4, lag: 1.5))
    let kind = [("kind", "concurrent-writes")]
    #expect(try metrics.expectCounter("access_audit_violations_total", kind).values == [1, 2])
    #expect(try metrics.expectCounter("access_audit_accesses_total", [("access", "write")]).values == [10, 15])
    #expect(try metrics.expectCounter("access_audit_accesses_total", [("access", "read")]).values == [20, 30])
    #expect(try metrics.expectCounter("access_audit_records_lost_total").values == [4])
    #expect(try metrics.expectMeter("access_audit_detector_lag_seconds").lastValue == 1.5)
    #expect(throws: (any Error).self) {
      try metrics.expectCounter("access_audit_violations_total", [("kind", "none")])
    }
  }

  @Test func bridge_canBeCancelled() {
    let observer = AccessAuditMetrics.bridge(factory: TestMetrics(), seconds: 0.01)
    observer.cancel()
  }
}
#endif
