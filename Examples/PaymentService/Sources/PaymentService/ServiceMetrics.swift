// SPDX-License-Identifier: Apache-2.0
//
// The service's own numbers, in Prometheus's text format.

import Synchronization

final class ServiceMetrics: Sendable {
  /// The upper bounds of the buckets, in milliseconds.
  private static let bounds = [100, 200, 500, 1_000, 2_000, 5_000]

  let release: String
  let retries = Atomic<Int>(0)
  let inFlight = Atomic<Int>(0)
  private let lastFailure = Mutex("")
  private let payments = Atomic<Int>(0)
  private let milliseconds = Atomic<Int>(0)
  private let buckets = Mutex([Int](repeating: 0, count: ServiceMetrics.bounds.count))

  init(release: String) { self.release = release }

  /// Keeps the last failure.
  func note(_ overview: Overview, at id: String) {
    lastFailure.withLock { $0 = "\(id) was missing among \(overview.orders) orders" }
  }

  func count(_ duration: Duration) {
    let taken = Int(duration / .milliseconds(1))
    payments.add(1, ordering: .relaxed)
    milliseconds.add(taken, ordering: .relaxed)
    buckets.withLock { buckets in
      for (index, bound) in Self.bounds.enumerated() where taken <= bound { buckets[index] += 1 }
    }
  }

  var line: String {
    "\(payments.load(ordering: .relaxed)) payments, \(inFlight.load(ordering: .relaxed)) in flight, "
      + "\(retries.load(ordering: .relaxed)) retries" + lastFailure.withLock { $0.isEmpty ? "" : "; \($0)" }
  }

  var prometheusText: String {
    let count = payments.load(ordering: .relaxed)
    let buckets = buckets.withLock { $0 }
    let histogram = zip(Self.bounds, buckets).map { bound, value in
      "payments_duration_seconds_bucket{le=\"\(Double(bound) / 1_000)\"} \(value)\n"
    }
    return """
      # HELP payments_build_info The release of the service.
      # TYPE payments_build_info gauge
      payments_build_info{release="\(release)"} 1
      # HELP payments_in_flight Payments that have begun and not ended.
      # TYPE payments_in_flight gauge
      payments_in_flight \(inFlight.load(ordering: .relaxed))
      # HELP payments_retries_total Attempts to settle an order that failed and were made again.
      # TYPE payments_retries_total counter
      payments_retries_total \(retries.load(ordering: .relaxed))
      # HELP payments_duration_seconds How long payments took.
      # TYPE payments_duration_seconds histogram
      \(histogram.joined())payments_duration_seconds_bucket{le="+Inf"} \(count)
      payments_duration_seconds_sum \(Double(milliseconds.load(ordering: .relaxed)) / 1_000)
      payments_duration_seconds_count \(count)

      """
  }
}
