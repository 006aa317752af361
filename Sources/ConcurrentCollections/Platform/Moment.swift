// SPDX-License-Identifier: Apache-2.0
//
// The clock of the safe dictionary. It neither allocates nor locks.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A moment in nanoseconds since the machine was started, sleep included, as `ContinuousClock`
/// counts.
///
/// `ContinuousClock.Instant` holds 128 bits of attoseconds; reading and comparing it costs several
/// times as much.
@usableFromInline
struct Moment: Comparable, Hashable, Sendable {
  @usableFromInline let nanoseconds: UInt64

  @inlinable
  init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The moment of an instant of the continuous clock.
  @usableFromInline
  init(_ instant: ContinuousClock.Instant) {
    let left = ContinuousClock.now.duration(to: instant)
    let now = Moment.now
    self = left >= .zero ? now.advanced(by: left) : now.before(left)
  }

  @usableFromInline static var now: Moment {
    var time = timespec()
    #if ON_LINUX
    clock_gettime(CLOCK_BOOTTIME, &time)
    #elseif canImport(Darwin)
    clock_gettime(CLOCK_MONOTONIC_RAW, &time)
    #else
    clock_gettime(CLOCK_MONOTONIC, &time)
    #endif
    return Moment(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
  }

  private func before(_ negative: Duration) -> Moment {
    let nanoseconds = Moment.nanoseconds(in: .zero - negative)
    return Moment(nanoseconds: self.nanoseconds > nanoseconds ? self.nanoseconds - nanoseconds : 0)
  }

  @inlinable
  func advanced(byNanoseconds nanoseconds: UInt64) -> Moment {
    let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
    return Moment(nanoseconds: overflow ? .max : sum)
  }

  func advanced(by duration: Duration) -> Moment { advanced(byNanoseconds: Self.nanoseconds(in: duration)) }

  /// The nanoseconds since an earlier moment; 0 if it is later.
  @inlinable
  func nanoseconds(since earlier: Moment) -> UInt64 {
    nanoseconds > earlier.nanoseconds ? nanoseconds &- earlier.nanoseconds : 0
  }

  @inlinable
  static func < (one: Moment, other: Moment) -> Bool { one.nanoseconds < other.nanoseconds }

  /// A duration in nanoseconds: 0 if it is negative, the most there is if it is longer.
  static func nanoseconds(in duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (nanoseconds, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return .max }
    let (sum, isMore) = nanoseconds.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
    return isMore ? .max : sum
  }
}
