// SPDX-License-Identifier: Apache-2.0
//
// Random numbers with a seed: the same run again. Pure.

#if REPORTS && canImport(Glibc)

internal import Foundation

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
package struct RandomNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64, stream: Int = 0) {
    state = seed &+ UInt64(bitPattern: Int64(stream)) &* 0xD1B5_4A32_D192_ED03
    _ = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The seed of one run of many.
  package static func seed(_ seed: UInt64, _ round: Int, _ index: Int) -> UInt64 {
    var random = RandomNumbers(seed: seed, stream: round &* 1_000_003 &+ index)
    return random.next() >> 1
  }

  /// From 0 up to, not including, 1.
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}

/// When requests come: a sequence of gaps, exponential as of many independent callers, that is made
/// before the run and does not depend on how it goes.
package struct ArrivalSchedule: Sendable {
  package static let length = 4_096
  /// With a mean of 1, to the last digits; after the last one the first follows.
  package let gaps: [Double]

  package init(seed: UInt64, stream: Int) {
    var random = RandomNumbers(seed: seed, stream: stream)
    let drawn = (0..<Self.length).map { _ in -log(1 - random.unit()) }
    let mean = drawn.reduce(0, +) / Double(Self.length)
    gaps = drawn.map { $0 / mean }
  }

  /// The times of arrivals of one caller at this rate, in nanoseconds after the start.
  package func arrivals(perSecond: Double) -> Arrivals { Arrivals(gaps: gaps, mean: 1e9 / perSecond) }

  package struct Arrivals: Sendable {
    let gaps: [Double]
    let mean: Double
    private var index = 0
    private var time = 0.0

    init(gaps: [Double], mean: Double) {
      self.gaps = gaps
      self.mean = mean
    }

    package mutating func next() -> UInt64 {
      time += gaps[index] * mean
      index = (index + 1) & (ArrivalSchedule.length - 1)
      return UInt64(time)
    }
  }
}

#endif
