// SPDX-License-Identifier: Apache-2.0
//
// Bounded waiting on a slow path: spin, yield, sleep, give up.

internal import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// How long an access may still wait for another to end.
struct Patience {
  private var rounds = 0
  /// Set when the waiting begins to take time.
  private var deadline = Moment.never
  private let limitMilliseconds: Int

  /// Waits that ran out, since the process started.
  static let exhausted = Atomic<UInt64>(0)

  init(milliseconds: Int? = nil) {
    limitMilliseconds = milliseconds ?? Engine.waitMilliseconds
  }

  /// Waits a little longer each time; `false` when the time is up.
  ///
  /// - Blocking: a yield at first, then sleeps of 50 µs.
  mutating func wait() -> Bool {
    // Who waits is asleep with a monitor's address in its hands, see `Quiescence`.
    let recorder = audit_thread_recorder()?.assumingMemoryBound(to: ThreadRecorder.self)
    recorder?.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { recorder?.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent) }
    rounds += 1
    if rounds <= 64 {
      sched_yield()
      return true
    }
    let now = Moment.now()
    if deadline == .never { deadline = now.advanced(byMilliseconds: limitMilliseconds) }
    if now >= deadline {
      Patience.exhausted.wrappingAdd(1, ordering: .relaxed)
      return false
    }
    usleep(50)
    return true
  }
}
