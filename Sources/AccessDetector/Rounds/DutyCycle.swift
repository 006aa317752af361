// SPDX-License-Identifier: Apache-2.0
//
// The option `duty`: auditing in bursts, so that a process in production pays a fraction. Owned by
// the detector thread.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
internal import AccessTerms
internal import AccessWindows
internal import CAccessRecorder
internal import Synchronization

/// Switches auditing on for a share of each period, and off for the rest. The periods' lengths
/// vary, so that no rhythm of the program's hides from them.
struct DutyCycle {
  /// From half of this to one and a half.
  private static let meanPeriod: UInt64 = 1_000_000_000

  /// When the burst, or the pause behind it, is to end; never where auditing is not in bursts.
  /// Read by other threads that ask how far behind the detector is.
  static var nextChange: SharedWord<Moment> { SharedWord(AUDIT_WORD_DUTY_CHANGE) }

  private var percent = 100
  private var isOn = true
  private var next = Moment.never
  private var random: UInt64 = 0

  mutating func apply(_ configuration: AuditConfiguration) {
    let wanted = configuration.isEnabled ? configuration.dutyPercent : 100
    guard wanted != percent else { return }
    percent = wanted
    isOn = true
    next = .never
    Self.nextChange.store(.never, ordering: .relaxed)
  }

  /// Ends or begins a burst when it is time; the nanoseconds until the next change, `nil` where
  /// there is none.
  mutating func step(_ now: Moment) -> UInt64? {
    guard percent < 100 else { return nil }
    if next == .never {
      random = Hunt.seed.load(ordering: .relaxed) | 1
      next = now.advanced(byNanoseconds: share(percent, of: period()))
    } else if now >= next {
      isOn ? end() : begin()
      next = now.advanced(byNanoseconds: share(isOn ? percent : 100 - percent, of: period()))
    }
    Self.nextChange.store(next, ordering: .relaxed)
    return next.nanoseconds(since: now)
  }

  private mutating func period() -> UInt64 {
    // Marsaglia, "Xorshift RNGs" (2003), the triple 13, 7, 17.
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return Self.meanPeriod / 2 + random % Self.meanPeriod
  }

  private func share(_ percent: Int, of period: UInt64) -> UInt64 { period / 100 * UInt64(percent) }

  private mutating func end() {
    // While a violation is being reported the burst goes on.
    let isEnded =
      audit_exchange_mode(ViolationResponse.current.accessMode, AUDIT_MODE_OFF)
      || audit_exchange_mode(AUDIT_MODE_IDLE, AUDIT_MODE_OFF)
    if isEnded { isOn = false }
  }

  private mutating func begin() {
    isOn = true
    _ = audit_exchange_mode(AUDIT_MODE_OFF, ViolationResponse.current.accessMode)
  }
}

#endif
