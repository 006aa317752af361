// SPDX-License-Identifier: Apache-2.0
//
// Counts how long operations took. Recording neither locks nor allocates.

import Synchronization

/// A histogram of durations with eight buckets for each doubling: a percentile is exact to an
/// eighth.
///
/// Threads count in stripes, so that they seldom meet on a cache line.
final class LatencyHistogram: Sendable {
  private static let subBuckets = 8
  private static let bucketCount = 64 * subBuckets

  private struct Stripe: ~Copyable, @unchecked Sendable {
    let counts: UnsafeMutablePointer<Atomic<Int>>

    init() {
      counts = .allocate(capacity: bucketCount)
      for index in 0..<bucketCount { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit { counts.deallocate() }
  }

  private let stripes: PaddedArray<Stripe>

  /// Creates an empty histogram; the number of stripes is a power of two.
  init(stripes: Int) {
    self.stripes = PaddedArray(count: stripes) { _ in Stripe() }
  }

  private static func bucket(_ nanoseconds: UInt64) -> Int {
    guard nanoseconds >= UInt64(subBuckets) else { return Int(nanoseconds) }
    let exponent = 63 - nanoseconds.leadingZeroBitCount
    let within = Int(truncatingIfNeeded: nanoseconds >> (UInt64(exponent) - 3)) & (subBuckets - 1)
    return min((exponent - 2) * subBuckets + within, bucketCount - 1)
  }

  /// The largest number of nanoseconds that falls into a bucket.
  private static func upperBound(_ bucket: Int) -> UInt64 {
    guard bucket >= subBuckets else { return UInt64(bucket) }
    let exponent = UInt64(bucket / subBuckets + 2)
    let within = UInt64(bucket % subBuckets)
    return ((UInt64(subBuckets) + within + 1) << (exponent - 3)) - 1
  }

  /// Counts a duration in one of the stripes.
  func record(nanoseconds: UInt64, stripe: Int) {
    stripes.pointer(stripe & (stripes.count - 1)).pointee.counts[Self.bucket(nanoseconds)].add(1, ordering: .relaxed)
  }

  /// The durations below which the given shares (0 to 1) of the operations stayed; zero when there
  /// were none.
  func percentiles(_ shares: [Double]) -> [Duration] {
    let counts = (0..<Self.bucketCount).map { bucket in
      (0..<stripes.count).reduce(0) { $0 + stripes.pointer($1).pointee.counts[bucket].load(ordering: .relaxed) }
    }
    let total = counts.reduce(0, +)
    return shares.map { share in
      var left = max(1, Int((Double(total) * share).rounded(.up)))
      guard total > 0 else { return .zero }
      for (bucket, count) in counts.enumerated() {
        left -= count
        if left <= 0 { return .nanoseconds(Int64(clamping: Self.upperBound(bucket))) }
      }
      return .zero
    }
  }
}
