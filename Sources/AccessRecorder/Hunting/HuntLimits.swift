// SPDX-License-Identifier: Apache-2.0
//
// The numbers of the hunt, each with its reason. Literals behind computed properties: a stored one
// would be made lazily.

#if AUDITED && canImport(Glibc)

internal import CAccessRecorder
internal import Synchronization

enum HuntLimits {
  /// No thread sleeps longer for one access. Beyond that pools and event loops show that they are
  /// held up.
  static var longestHold: UInt64 { 20_000_000 }
  /// Shorter sleeps are lost in the kernel's timers, which add 50 µs.
  static var shortestHold: UInt64 { 100_000 }
  /// Two accesses are near each other within this time, as in TSVD.
  static var near: UInt64 { 100_000_000 }
  /// How long a held thread sleeps before it looks whether it is held in vain; less before the
  /// first look, because under a lock the others are waiting by then.
  static var slice: UInt64 { 250_000 }
  static var firstSlice: UInt64 { 150_000 }
  /// Executions of a site that are held without any evidence, and for how long.
  static var probes: UInt64 { 3 }
  static var probe: UInt64 { 2_000_000 }
  /// What may be spent at the beginning, where most happens for the first time; more where a plan
  /// says what for.
  static var initial: UInt64 {
    let isPlanned = SharedWord<Bool>(AUDIT_WORD_HUNT_PLANNED).load(ordering: .relaxed)
    return isPlanned ? 90_000_000 : 30_000_000
  }
  /// How often one side of a pair must be seen to wait for the other.
  static var waitsUntilOrdered: UInt64 { 2 }
  /// How long a hold lasts at most that another thread waits for in vain, because of a lock.
  static var underLock: UInt64 { 400_000 }
  /// How long a pair that a plan names is held at least, at first.
  static var planned: UInt64 { 5_000_000 }
  /// How many times as long a hold may last while the others have no processor.
  static var stretch: UInt64 { 4 }
  /// Executions of a site until it takes the fast path: on collections of one thread, on shared
  /// ones.
  static var alone: UInt64 { 64 }
  static var shared: UInt64 { 256 }
  /// Threads that are held at once, at most.
  static var threads: Int { 4 }
}

#endif
