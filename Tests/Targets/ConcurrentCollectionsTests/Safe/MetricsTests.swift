// SPDX-License-Identifier: Apache-2.0
//
// The trait `Metrics` passes the counters to swift-metrics.

#if Metrics
import Metrics
import Testing

@testable import ConcurrentCollections

extension ConcurrentCollectionsTests {
  @Suite struct MetricsTests {
    @Test("each event and latency reaches the metrics backend under the label")
    func bridge() async throws {
      let backend = Backend()
      MetricsSystem.bootstrap(backend)
      let dictionary = SafeDictionary(
        LockedDictionary<Int, Int>(), configuration: SafeDictionaryConfiguration(maximumCount: 1, label: "orders"))
      for key in 0..<3 { try await dictionary.updateValue(key, forKey: key) }
      #expect(try await dictionary.value(forKey: 2) == 2)
      #expect(try await dictionary.value(forKey: 0) == nil)
      #expect(backend.totals["orders.hits"] == 1)
      #expect(backend.totals["orders.misses"] == 1)
      #expect(backend.totals["orders.evictions"] == 2)
      #expect(backend.totals["orders.latency"] == 5, "one duration for each operation")
    }
  }
}

/// Counts increments and recordings by label.
private final class Backend: MetricsFactory {
  let totals = LockedDictionary<String, Int>()

  private final class Handler: CounterHandler, RecorderHandler, TimerHandler {
    let label: String
    let totals: LockedDictionary<String, Int>

    init(_ label: String, _ totals: LockedDictionary<String, Int>) {
      self.label = label
      self.totals = totals
    }

    private func add(_ amount: Int) { totals.withValue(forKey: label, default: 0) { $0 += amount } }

    func increment(by amount: Int64) { add(Int(amount)) }
    func reset() {}
    func record(_ value: Int64) { add(1) }
    func record(_ value: Double) { add(1) }
    func recordNanoseconds(_ duration: Int64) { add(1) }
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { Handler(label, totals) }
  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    Handler(label, totals)
  }
  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { Handler(label, totals) }
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}
#endif
