// SPDX-License-Identifier: Apache-2.0
//
// Bounded waiting on a slow path: spin, yield, sleep, give up.

#if AUDITED && canImport(Glibc)

package import AccessRecorder
internal import CAccessRecorder
internal import Glibc
internal import Synchronization

/// How long an access may still wait for another to end.
package struct Backoff {
  private var rounds = 0
  /// Set when the waiting begins to take time.
  private var deadline = Moment.never
  private let limitMilliseconds: Int

  /// Waits that ran out, since the process started.
  package static var exhausted: SharedWord<UInt64> { SharedWord(AUDIT_WORD_WAITS_EXHAUSTED) }

  /// The limit in force, a mirror of the configuration for slow paths that must not take its lock.
  private static var limit: SharedWord<Int> { SharedWord(AUDIT_WORD_WAIT_LIMIT) }

  /// Puts a limit in force.
  package static func adopt(limitMilliseconds: Int) { limit.store(limitMilliseconds, ordering: .relaxed) }

  /// Ends after some yields, and is not counted.
  package static var ofYields: Backoff { Backoff(milliseconds: -1) }

  package init(milliseconds: Int? = nil) {
    limitMilliseconds = milliseconds ?? Backoff.limit.load(ordering: .relaxed)
  }

  /// Waits a little longer each time; `false` when the time is up.
  ///
  /// - Parameter monitor: The monitor whose address the caller goes on with, so that it stays
  ///   valid; `nil` for none.
  /// - Blocking: a yield at first, then sleeps of 50 µs.
  package mutating func wait(holding monitor: MonitorReference?) -> Bool {
    // Who waits is asleep, and says whose address it has loaded: see `Quiescence` and `Arrivals`.
    let recorder = audit_thread_recorder()?.assumingMemoryBound(to: ThreadRecorder.self)
    var held: UInt?
    if let monitor { held = recorder?.pointee.hold(UInt(bitPattern: monitor.address)) }
    defer { if let held { recorder?.pointee.letGo(held) } }
    recorder?.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { recorder?.pointee.waits.wrappingAdd(1, ordering: .sequentiallyConsistent) }
    rounds += 1
    if rounds <= 64 {
      sched_yield()
      return true
    }
    if limitMilliseconds < 0 { return false }
    let now = Moment.now()
    if deadline == .never { deadline = now.advanced(byMilliseconds: limitMilliseconds) }
    if now >= deadline {
      Backoff.exhausted.wrappingAdd(1, ordering: .relaxed)
      return false
    }
    usleep(50)
    return true
  }
}

#endif
