// SPDX-License-Identifier: Apache-2.0
//
// Two functions of the C library under names of this program. No state.

import Foundation

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The monotonic clock in nanoseconds.
@inline(__always)  // It is read around every timed operation.
func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

func logarithm(_ number: Double) -> Double { log10(number) }
