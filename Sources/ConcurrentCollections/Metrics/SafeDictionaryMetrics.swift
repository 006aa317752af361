// SPDX-License-Identifier: Apache-2.0
//
// The counters as swift-metrics counters, under the trait `Metrics` only. What a metrics backend
// does runs in the callers of the dictionary.

#if Metrics
import Metrics

/// A counter for each event, `LABEL.hits` and so on, and a timer `LABEL.latency`.
struct SafeDictionaryMetrics: Sendable {
  private let counters: [Counter]
  private let timer: Metrics.Timer

  init(label: String) {
    counters = SafeDictionaryEvent.allCases.map { Counter(label: "\(label).\($0)") }
    timer = Metrics.Timer(label: "\(label).latency")
  }

  func count(_ event: SafeDictionaryEvent) { counters[event.rawValue].increment() }

  func record(nanoseconds: UInt64) { timer.recordNanoseconds(Int64(clamping: nanoseconds)) }
}
#endif
