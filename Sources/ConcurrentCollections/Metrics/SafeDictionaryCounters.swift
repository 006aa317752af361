// SPDX-License-Identifier: Apache-2.0
//
// What a safe dictionary counts. Counting neither locks nor allocates; a bridge to swift-metrics
// exists under the trait only.

import Synchronization

/// What is counted.
@usableFromInline
enum SafeDictionaryEvent: Int, CaseIterable, Sendable {
  case hits, misses, loads, loadFailures, fallbacks, waits, timeouts, cancellations, evictions, expirations
}

/// What takes time.
@usableFromInline
enum SafeDictionaryOperation: Int, CaseIterable, Sendable {
  case get, load, set, insert, update, delete, removeAll, count, snapshot, purge
}

/// The counters of one safe dictionary, in stripes by thread.
@usableFromInline
final class SafeDictionaryCounters: Sendable {
  private static let most = 16

  /// The events of one stripe stand side by side.
  private struct Stripe: ~Copyable, @unchecked Sendable {
    let counts: UnsafeMutablePointer<Atomic<Int>>

    init() {
      counts = UnsafeMutableRawPointer.allocate(byteCount: CacheLine.bytes, alignment: CacheLine.bytes)
        .bindMemory(to: Atomic<Int>.self, capacity: SafeDictionaryEvent.allCases.count)
      for event in SafeDictionaryEvent.allCases { (counts + event.rawValue).initialize(to: Atomic(0)) }
    }

    deinit { counts.deallocate() }
  }

  private let stripes: PaddedArray<Stripe>
  private let latencies: LatencyHistogram
  /// Nil unless they are asked for.
  private let operations: OperationHistograms?
  private let prefix: String?
  private let label: String
  #if Metrics
  private let bridge: SafeDictionaryMetrics
  #endif

  init(_ configuration: SafeDictionaryConfiguration) {
    let count = min(Machine.powerOfTwo(atLeast: 2 * Machine.cores), Self.most)
    stripes = PaddedArray(count: count) { _ in Stripe() }
    latencies = LatencyHistogram(stripes: count)
    prefix = configuration.metricsPrefix
    label = configuration.label
    operations = prefix == nil ? nil : OperationHistograms(stripes: count)
    #if Metrics
    bridge = SafeDictionaryMetrics(label: configuration.label)
    #endif
  }

  @usableFromInline
  func count(_ event: SafeDictionaryEvent) { count(event, stripe: ThreadRegistry.current.pointee.index) }

  private func count(_ event: SafeDictionaryEvent, stripe: Int) {
    stripes.pointer(stripe & (stripes.count - 1)).pointee.counts[event.rawValue].add(1, ordering: .relaxed)
    #if Metrics
    bridge.count(event)
    #endif
  }

  /// Counts an operation that has done its work, and the event it was, if it was one.
  @usableFromInline
  func finish(
    _ operation: SafeDictionaryOperation, _ start: Moment, at end: Moment, _ event: SafeDictionaryEvent? = nil
  ) {
    let stripe = ThreadRegistry.current.pointee.index
    if let event { count(event, stripe: stripe) }
    let nanoseconds = end.nanoseconds(since: start)
    latencies.record(nanoseconds: nanoseconds, stripe: stripe)
    operations?.record(operation, nanoseconds: nanoseconds, stripe: stripe)
    #if Metrics
    bridge.record(nanoseconds: nanoseconds)
    #endif
  }

  /// Counts an operation that was given up; returns the error for the caller to throw.
  @usableFromInline
  func fail(
    _ operation: SafeDictionaryOperation, _ start: Moment, _ error: SafeDictionaryError
  ) -> SafeDictionaryError {
    switch error {
    case .deadlineExceeded: finish(operation, start, at: .now, .timeouts)
    case .cancelled: finish(operation, start, at: .now, .cancellations)
    case .loaderFailed, .bodyFailed: finish(operation, start, at: .now)
    }
    return error
  }

  private func value(_ event: SafeDictionaryEvent) -> Int {
    (0..<stripes.count).reduce(0) { sum, stripe in
      sum + stripes.pointer(stripe).pointee.counts[event.rawValue].load(ordering: .relaxed)
    }
  }

  /// What has been counted, for Prometheus; nil if that was not asked for.
  var metrics: PrometheusText.Source? {
    guard let prefix, let operations else { return nil }
    return PrometheusText.Source(
      prefix: prefix, label: label, counts: SafeDictionaryEvent.allCases.map { ($0, value($0)) },
      latencies: SafeDictionaryOperation.allCases.map { ($0, operations.histogram($0)) })
  }

  var statistics: SafeDictionaryStatistics {
    let percentiles = latencies.percentiles([0.5, 0.99, 0.999])
    return SafeDictionaryStatistics(
      hits: value(.hits), misses: value(.misses), loads: value(.loads), loadFailures: value(.loadFailures),
      fallbacks: value(.fallbacks), waits: value(.waits), timeouts: value(.timeouts),
      cancellations: value(.cancellations), evictions: value(.evictions), expirations: value(.expirations),
      latencyP50: percentiles[0], latencyP99: percentiles[1], latencyP999: percentiles[2])
  }
}
