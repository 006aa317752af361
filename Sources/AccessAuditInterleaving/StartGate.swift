// SPDX-License-Identifier: Apache-2.0
//
// A gate for threads, and the bounded wait at it. Nothing here allocates or locks after the gate
// was made, so that it can be used inside an access.

internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A gate that opens once. Threads that wait at it continue at the same moment.
///
/// Short bodies on two threads may not overlap at all, because a thread takes longer to start than
/// they take to run. Let the threads wait at a gate, and open it when all of them have arrived;
/// ``withThreads(count:_:)`` does both.
public final class StartGate: Sendable {
  private let opened = Atomic<Bool>(false)

  /// Makes a closed gate.
  public init() {}

  /// True when the gate is open.
  public var isOpen: Bool { opened.load(ordering: .acquiring) }

  /// Opens the gate: waiting threads continue, and later ones do not wait.
  public func open() { opened.store(true, ordering: .releasing) }

  /// Waits until the gate is open.
  ///
  /// - Returns: `false` when the gate stayed closed for `limit`.
  /// - Blocking: spins for a millisecond, so that the threads continue together, then sleeps in
  ///   steps of 50 µs.
  @discardableResult
  public func wait(atMost limit: Duration = .seconds(20)) -> Bool {
    BoundedWait.until(limit) { isOpen }
  }
}

/// A wait for a condition that another thread fulfils.
package enum BoundedWait {
  /// Waits until the condition holds; `false` when the time ran out first.
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
