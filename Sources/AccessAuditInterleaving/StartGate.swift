// SPDX-License-Identifier: Apache-2.0
//
// A gate that threads wait at, and how they wait. Nothing here allocates or locks after the gate was made, so that it can
// be used inside an access; every wait is bounded.

internal import Glibc
internal import Synchronization

/// A gate: shut at first, then open for good. Threads that wait at it go on at the same moment.
///
/// Short bodies on two threads may not overlap at all, because a thread takes longer to start than they take to run. Have
/// the threads wait at a gate, and open it when all of them are there; ``withThreads(count:_:)`` does both.
public final class StartGate: Sendable {
  private let opened = Atomic<Bool>(false)

  /// Makes a gate that is shut.
  public init() {}

  /// Whether the gate is open.
  public var isOpen: Bool { opened.load(ordering: .acquiring) }

  /// Opens the gate; those who wait go on, those who come later do not wait.
  public func open() { opened.store(true, ordering: .releasing) }

  /// Waits until the gate is open.
  ///
  /// - Returns: `false` when it stayed shut for as long as `limit`.
  /// - Blocking: spins for a millisecond, so that the threads go on together, then sleeps in steps of 50 µs.
  @discardableResult
  public func wait(atMost limit: Duration = .seconds(20)) -> Bool {
    BoundedWait.until(limit) { isOpen }
  }
}

/// Waiting for a condition that another thread brings about.
package enum BoundedWait {
  /// Waits until the condition holds; `false` when the time ran out before that.
  package static func until(_ limit: Duration, _ condition: () -> Bool) -> Bool {
    let clock = ContinuousClock()
    let begin = clock.now
    while !condition() {
      let elapsed = clock.now - begin
      if elapsed > limit { return condition() }
      if elapsed < .milliseconds(1) { sched_yield() } else { usleep(50) }
    }
    return true
  }
}
