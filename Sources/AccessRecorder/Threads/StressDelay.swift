// SPDX-License-Identifier: Apache-2.0
//
// Delays inside accesses at random, so that others run into them: what the option `delay_us` asks
// for. Off, no access comes here. Nothing here allocates or locks; every delay is bounded.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Glibc
public import Synchronization

/// Sampled delays between an access's begin and its end, as the kernel's concurrency sanitizer has
/// them.
///
/// The depth in a recorder is marked while accesses are to be delayed or hunted. A remembered chain
/// was walked with another depth, so every access then takes the path for chains that are not
/// remembered, which is out of line already: the usual path pays nothing.
enum StressDelay {
  /// The longest delay; 0 is none.
  static var limitMicroseconds: SharedWord<UInt64> { SharedWord(AUDIT_WORD_DELAY_LIMIT) }
  /// One access in this many is delayed: enough for every short loop, few enough for a long one.
  private static let sampling: UInt64 = 8

  /// The part of a recorder's depth that is the depth.
  static let depthMask: UInt64 = 0xFFFF_FFFF

  static var isDelaying: Bool { limitMicroseconds.load(ordering: .relaxed) != 0 }

  /// What a recorder has for its depth: marked while there is a limit, and with the generation of
  /// the hunt.
  static func depthWord(_ depth: Int) -> UInt64 {
    let isHunting = Hunt.percent.load(ordering: .relaxed) != 0
    if !isDelaying && !isHunting { return UInt64(depth) }
    let generation = SharedWord<UInt64>(AUDIT_WORD_HUNT_GENERATION).load(ordering: .relaxed)
    return UInt64(depth) | (depthMask + 1) | (generation & 0x7FFF_FFFF) << 33
  }

  /// Sleeps for up to the limit, on one call in eight. Only the owning thread calls this.
  ///
  /// - Blocking: the limit, and what the kernel's timers add to it (50 µs by default).
  static func wait(_ recorder: borrowing ThreadRecorder) {
    let limit = limitMicroseconds.load(ordering: .relaxed)
    if limit == 0 { return }
    let random = recorder.nextRandom()
    guard random % sampling == 0 else { return }
    let saved = errno
    usleep(UInt32((random >> 8) % limit + 1))
    errno = saved
  }
}

extension ThreadRecorder {
  /// Return addresses a walk visits at most.
  var walkDepth: UInt64 { depth.load(ordering: .relaxed) & StressDelay.depthMask }

  /// Whether the thread's accesses are delayed or hunted.
  @inlinable @inline(always)
  package var isWatched: Bool { depth.load(ordering: .relaxed) > 0xFFFF_FFFF }

  /// Delays an access that is checked but not recorded, as it would be if it were recorded.
  func delayUnrecorded() { StressDelay.wait(self) }

  /// The next number of the thread's generator, which begins with the process's seed. Only the
  /// owning thread calls this.
  func nextRandom() -> UInt64 {
    // Marsaglia, "Xorshift RNGs" (2003), the triple 13, 7, 17.
    var random = delayState.load(ordering: .relaxed)
    if random == 0 {
      random = (Hunt.seed.load(ordering: .relaxed) ^ UInt64(slot)) &* 0x9E37_79B9_7F4A_7C15 | 1
      random ^= random >> 29
    }
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    delayState.store(random, ordering: .relaxed)
    return random
  }
}

#endif
