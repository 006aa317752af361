// SPDX-License-Identifier: Apache-2.0
//
// The violations reported so far, and who wants to be told. Locks are held for a look-up, never
// while calling out.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder
package import AccessReports
internal import CAccessRecorder
internal import Synchronization

package enum ViolationLog {
  private struct State {
    var violations: [Violation] = []
    var delivered = 0
    var suppressed: UInt64 = 0
    var unreported: UInt64 = 0
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_VIOLATIONS, isInherited: false) { State() }
  }

  package static var all: [Violation] { state.withLock { $0.violations } }
  static var unreported: UInt64 { state.withLock { $0.unreported } }
  static var suppressed: UInt64 { state.withLock { $0.suppressed } }

  /// How many were reported to nobody but the log and the observers: not to a test.
  static var undelivered: Int { state.withLock { $0.violations.count - $0.delivered } }

  package static func add(_ violation: Violation, isDelivered: Bool) {
    state.withLock { state in
      state.violations.append(violation)
      if isDelivered { state.delivered += 1 }
    }
  }

  /// Adds a violation to a log of its own, and tells nobody.
  static func rehearse(_ violation: Violation) {
    var state = State()
    state.violations.append(violation)
    _ = undelivered
    ViolationObservers.rehearse(violation)
  }

  static func countSuppressed() { state.withLock { $0.suppressed += 1 } }
  static func countUnreported() { state.withLock { $0.unreported += 1 } }
}

/// A registered observer of violations. It stays registered until it is cancelled.
public final class ViolationObserver: Sendable {
  private let id: UInt64

  package init(id: UInt64) { self.id = id }

  /// Ends the observation. A call already under way on the detector thread finishes.
  public func cancel() { ViolationObservers.remove(id) }
}

package enum ViolationObservers {
  private struct State {
    var next: UInt64 = 0
    var handlers: [(id: UInt64, handler: @Sendable (Violation) -> Void)] = []
  }

  private static var state: ForkSafeLock<State> {
    ForkSafeLock(AUDIT_LOCK_VIOLATION_OBSERVERS, isInherited: true) { State() }
  }

  package static func add(_ handler: @escaping @Sendable (Violation) -> Void) -> ViolationObserver {
    state.withLock { state in
      state.next += 1
      state.handlers.append((state.next, handler))
      return ViolationObserver(id: state.next)
    }
  }

  static func remove(_ id: UInt64) { state.withLock { $0.handlers.removeAll { $0.id == id } } }

  static func rehearse(_ violation: Violation) {
    _ = state.withLock { $0.handlers.map(\.handler) }
    call([], violation)
  }

  private static func call(_ handlers: [@Sendable (Violation) -> Void], _ violation: Violation) {
    for handler in handlers { handler(violation) }
  }

  private static var notifies: SharedWord<UInt64> { SharedWord(AUDIT_WORD_DETECTOR_NOTIFIES) }
  /// Whether the detector is calling an observer of violations.
  static var areNotified: Bool { notifies.load(ordering: .relaxed) != 0 }

  static func notify(_ violation: Violation) {
    let handlers = state.withLock { $0.handlers.map(\.handler) }
    notifies.store(1, ordering: .relaxed)
    call(handlers, violation)
    notifies.store(0, ordering: .relaxed)
  }
}

#endif
