// SPDX-License-Identifier: Apache-2.0
//
// The engine's one clock: moments whose distance cannot trap. Neither allocates nor locks; signal
// handlers may ask it.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
package import Synchronization

/// A moment on a clock that never goes back, see `audit_nanoseconds`.
///
/// There is no `-`, and no number to subtract: the difference of two unsigned times ends the
/// process when the later one comes first, and between threads it sometimes does.
package struct Moment: Sendable, Hashable, Comparable, AtomicRepresentable {
  private let nanoseconds: UInt64

  private init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// Before every other moment: what has not happened yet happened then.
  package static var never: Moment { Moment(nanoseconds: 0) }

  package static func now() -> Moment { Moment(nanoseconds: audit_nanoseconds()) }

  /// The nanoseconds since an earlier moment; 0 if it is later.
  package func nanoseconds(since earlier: Moment) -> UInt64 {
    nanoseconds > earlier.nanoseconds ? nanoseconds &- earlier.nanoseconds : 0
  }

  /// So much later; the last moment there is if that is beyond it.
  package func advanced(byNanoseconds distance: UInt64) -> Moment {
    let (sum, isBeyond) = nanoseconds.addingReportingOverflow(distance)
    return Moment(nanoseconds: isBeyond ? .max : sum)
  }

  /// So many milliseconds later, none if they are negative.
  package func advanced(byMilliseconds distance: Int) -> Moment {
    // Not `UInt64(clamping:)`: an unoptimised build looks metadata up for it.
    if distance <= 0 { return self }
    let (product, isBeyond) = UInt64(bitPattern: Int64(distance)).multipliedReportingOverflow(by: 1_000_000)
    return advanced(byNanoseconds: isBeyond ? .max : product)
  }

  /// So much earlier; ``never`` if that is before it.
  package func preceded(byNanoseconds distance: UInt64) -> Moment {
    Moment(nanoseconds: nanoseconds > distance ? nanoseconds &- distance : 0)
  }

  // All five: the protocols' own go through their witnesses, which an unoptimised build looks up
  // under a lock.

  package static func == (one: Moment, other: Moment) -> Bool { one.nanoseconds == other.nanoseconds }
  package static func < (one: Moment, other: Moment) -> Bool { one.nanoseconds < other.nanoseconds }
  package static func <= (one: Moment, other: Moment) -> Bool { one.nanoseconds <= other.nanoseconds }
  package static func > (one: Moment, other: Moment) -> Bool { one.nanoseconds > other.nanoseconds }
  package static func >= (one: Moment, other: Moment) -> Bool { one.nanoseconds >= other.nanoseconds }

  package static func encodeAtomicRepresentation(_ value: consuming Moment) -> UInt64.AtomicRepresentation {
    UInt64.encodeAtomicRepresentation(value.nanoseconds)
  }

  package static func decodeAtomicRepresentation(
    _ representation: consuming UInt64.AtomicRepresentation
  ) -> Moment {
    Moment(nanoseconds: UInt64.decodeAtomicRepresentation(representation))
  }
}

/// What records have for a clock: milliseconds in 32 bits, advanced by the detector.
package enum CoarseClock {
  /// The milliseconds from one reading to another; 0 if it came before, which the wrap-around after
  /// 49 days is not.
  package static func milliseconds(from earlier: UInt32, to later: UInt32) -> Int {
    max(0, Int(Int32(bitPattern: later &- earlier)))
  }
}

#endif
