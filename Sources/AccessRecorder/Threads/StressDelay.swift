// SPDX-License-Identifier: Apache-2.0
//
// Delays inside accesses, so that others run into them: what the option `delay_us` asks for. Off,
// no access comes here. Nothing here allocates or locks; every delay is bounded.

internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// Sampled delays between an access's begin and its end, as the kernel's concurrency sanitizer has
/// them.
///
/// The depth in a recorder is marked while accesses are to be delayed. A remembered chain was
/// walked with another depth, so every access then takes the path for chains that are not
/// remembered, which is out of line already: the usual path pays nothing.
enum StressDelay {
  /// The longest delay; 0 is none.
  static var limitMicroseconds: SharedWord<UInt64> { SharedWord(AUDIT_WORD_DELAY_LIMIT) }
  /// One access in this many is delayed: enough for every short loop, few enough for a long one.
  private static let sampling: UInt64 = 8

  /// The part of a recorder's depth that is the depth.
  static let depthMask: UInt64 = 0xFFFF_FFFF

  /// What a recorder has for its depth: marked while there is a limit.
  static func depthWord(_ depth: Int) -> UInt64 {
    limitMicroseconds.load(ordering: .relaxed) == 0 ? UInt64(depth) : UInt64(depth) | (depthMask + 1)
  }

  /// Sleeps for up to the limit, on one call in eight. Only the owning thread calls this.
  ///
  /// - Blocking: the limit, and what the kernel's timers add to it (50 µs by default).
  static func wait(_ recorder: borrowing ThreadRecorder) {
    // Marsaglia, "Xorshift RNGs" (2003), the triple 13, 7, 17.
    var random = recorder.delayState.load(ordering: .relaxed)
    if random == 0 { random = 0x9E37_79B9_7F4A_7C15 &* (UInt64(recorder.slot) &+ 1) }
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    recorder.delayState.store(random, ordering: .relaxed)
    guard random % sampling == 0 else { return }
    let limit = limitMicroseconds.load(ordering: .relaxed)
    guard limit != 0 else { return }
    usleep(UInt32((random >> 8) % limit + 1))
  }
}

extension ThreadRecorder {
  /// Return addresses a walk visits at most.
  var walkDepth: UInt64 { depth.load(ordering: .relaxed) & StressDelay.depthMask }

  /// Delays an access that is checked but not recorded, as it would be if it were recorded.
  func delayUnrecorded() {
    if StressDelay.limitMicroseconds.load(ordering: .relaxed) != 0 { StressDelay.wait(self) }
  }
}
