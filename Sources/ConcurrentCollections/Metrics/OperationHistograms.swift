// SPDX-License-Identifier: Apache-2.0
//
// How long each kind of operation took, in the buckets that Prometheus is told of. Recording
// neither locks nor allocates.

import Synchronization

/// A histogram for each operation of a safe dictionary, in stripes by thread.
final class OperationHistograms: Sendable {
  /// The upper bounds of the buckets, in nanoseconds: 1, 2.5 and 5 of each power of ten, from a
  /// microsecond to ten seconds.
  static let bounds: [UInt64] = {
    var bounds: [UInt64] = []
    var power: UInt64 = 1000
    while power < 10_000_000_000 {
      bounds += [power, power / 2 * 5, power * 5]
      power *= 10
    }
    return bounds + [power]
  }()

  /// What one operation's histogram has: a count for each bucket, that above all of them last, and
  /// the sum of all.
  struct Histogram: Sendable, Equatable {
    var counts: [Int]
    var nanoseconds: Int

    var count: Int { counts.reduce(0, +) }
  }

  /// The words of one operation: its buckets, that above them, the sum.
  private static let words = bounds.count + 2

  private struct Stripe: ~Copyable, @unchecked Sendable {
    let words: UnsafeMutablePointer<Atomic<Int>>

    init() {
      let count = OperationHistograms.words * SafeDictionaryOperation.allCases.count
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: CacheLine.roundUp(count * MemoryLayout<Atomic<Int>>.stride), alignment: CacheLine.bytes)
      words = memory.bindMemory(to: Atomic<Int>.self, capacity: count)
      for index in 0..<count { (words + index).initialize(to: Atomic(0)) }
    }

    deinit { words.deallocate() }
  }

  private let stripes: PaddedArray<Stripe>
  private let bounds = OperationHistograms.bounds

  /// Creates empty histograms; the number of stripes is a power of two.
  init(stripes: Int) { self.stripes = PaddedArray(count: stripes) { _ in Stripe() } }

  func record(_ operation: SafeDictionaryOperation, nanoseconds: UInt64, stripe: Int) {
    let words = stripes.pointer(stripe & (stripes.count - 1)).pointee.words + operation.rawValue * (bounds.count + 2)
    var bucket = 0
    while bucket < bounds.count, bounds[bucket] < nanoseconds { bucket += 1 }
    words[bucket].wrappingAdd(1, ordering: .relaxed)
    words[bounds.count + 1].wrappingAdd(Int(clamping: nanoseconds), ordering: .relaxed)
  }

  /// What has been recorded of one operation.
  func histogram(_ operation: SafeDictionaryOperation) -> Histogram {
    var sums = [Int](repeating: 0, count: Self.words)
    for stripe in 0..<stripes.count {
      let words = stripes.pointer(stripe).pointee.words + operation.rawValue * Self.words
      for index in 0..<Self.words { sums[index] &+= words[index].load(ordering: .relaxed) }
    }
    return Histogram(counts: Array(sums.dropLast()), nanoseconds: sums[Self.words - 1])
  }
}
