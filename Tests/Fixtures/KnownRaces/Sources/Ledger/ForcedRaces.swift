// SPDX-License-Identifier: Apache-2.0
//
// The two races: a thread stays inside its access until the other's overlap was reported.

import AuditedCollections
import Dispatch
import Foundation
import Synchronization

/// A key whose first hashing waits at a gate, if it has one.
public struct Entry: Hashable, Sendable {
  var name: String
  var gate: Gate?

  public static func == (one: Entry, other: Entry) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) {
    gate?.pass()
    hasher.combine(name)
  }
}

final class Gate: Sendable {
  private let isPassed = Atomic<Bool>(false)
  let inside = DispatchSemaphore(value: 0)
  let leaving = DispatchSemaphore(value: 0)

  func pass() {
    guard !isPassed.exchange(true, ordering: .acquiringAndReleasing) else { return }
    inside.signal()
    // With a limit, so that a build that is not audited ends.
    _ = leaving.wait(timeout: .now() + .seconds(20))
  }
}

public enum ForcedRaces {
  /// Two threads write.
  public static func writes() { force { $0.amend(Entry(name: "other")) } }

  /// One thread reads while another one writes.
  public static func readDuringWrite() { force { _ = $0.amount(Entry(name: "other")) } }

  private static func force(_ other: (Ledger) -> Void) {
    let ledger = Ledger()
    let gate = Gate()
    let observer = AccessAudit.onViolation { _ in gate.leaving.signal() }
    let isDone = DispatchSemaphore(value: 0)
    Thread {
      ledger.post(Entry(name: "one", gate: gate))
      isDone.signal()
    }.start()
    gate.inside.wait()
    other(ledger)
    isDone.wait()
    observer.cancel()
  }
}
