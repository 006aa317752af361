// SPDX-License-Identifier: Apache-2.0
//
// How much of the program's time may go into holds. Nothing here allocates or locks.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Synchronization

/// The time in which some thread was held, however many were: that is what a program whose threads
/// all wait for one another would lose.
enum HuntBudget {
  static var percent: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_PERCENT) }
  private static var begin: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_BEGIN) }
  private static var covered: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_COVERED) }
  static var spent: SharedWord<UInt64> { SharedWord(AUDIT_WORD_HUNT_SPENT) }
  private static var held: SharedWord<Int> { SharedWord(AUDIT_WORD_HUNT_HELD) }

  /// Takes a place for a thread that is to be held, if there is one.
  static func enter(limit: Int) -> Bool {
    if held.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return true }
    held.wrappingSubtract(1, ordering: .relaxed)
    return false
  }

  static func leave() { held.wrappingSubtract(1, ordering: .relaxed) }

  /// What may be spent of `wanted` from now on; 0 for nothing.
  static func allowance(_ wanted: UInt64, now: UInt64) -> UInt64 {
    let first = begin.load(ordering: .relaxed)
    if first == 0 { begin.store(now, ordering: .relaxed) }
    let elapsed = first == 0 || now < first ? 0 : now &- first
    let granted = HuntLimits.initial &+ elapsed / 100 &* percent.load(ordering: .relaxed)
    let used = spent.load(ordering: .relaxed)
    let until = covered.load(ordering: .relaxed)
    // What others are held for anyway costs nothing more.
    let free = until > now ? until &- now : 0
    let left = (granted > used ? granted &- used : 0) &+ free
    return wanted < left ? wanted : left
  }

  /// Books a hold.
  static func spend(from begin: UInt64, to end: UInt64) {
    let until = covered.load(ordering: .relaxed)
    if end <= until { return }
    covered.store(end, ordering: .relaxed)
    let from = begin > until ? begin : until
    spent.wrappingAdd(end &- from, ordering: .relaxed)
  }
}

#endif
