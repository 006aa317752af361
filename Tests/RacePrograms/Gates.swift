// SPDX-License-Identifier: Apache-2.0
//
// Forced overlaps with the package's public helpers: short names for them, and the few additions
// that a program without tests needs. Every wait is bounded, so that a failing scenario ends.

import AccessAuditInterleaving
import AuditedCollections
import Foundation
import Synchronization

typealias Gate = StartGate
typealias Trap = AccessTrap
typealias GatedKey = AccessAuditInterleaving.GatedKey<Int>

enum Waiting {
  static func until(_ condition: () -> Bool) {
    let deadline = DispatchTime.now().uptimeNanoseconds + 20_000_000_000
    while !condition() {
      if DispatchTime.now().uptimeNanoseconds > deadline {
        FileHandle.standardError.write(Data("race-programs: a gate stayed shut\n".utf8))
        exit(70)
      }
      usleep(100)
    }
  }

  /// Waits until the condition holds, or until the time has run out.
  static func upTo(milliseconds: Int, _ condition: () -> Bool) {
    let deadline = DispatchTime.now().uptimeNanoseconds + UInt64(milliseconds) * 1_000_000
    while !condition(), DispatchTime.now().uptimeNanoseconds < deadline { usleep(50) }
  }

  /// Waits until a violation was reported: holds one side inside its access while the other side
  /// overlaps with it.
  static func untilReported() {
    until { !AccessAudit.violations.isEmpty }
  }
}

/// A value that several threads share without protection: the mistake of every scenario that must
/// be reported.
final class Shared<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}

/// Runs the two bodies on separate threads; returns when both have ended.
func together(_ first: @escaping @Sendable () -> Void, _ second: @escaping @Sendable () -> Void) {
  withThreads(count: 2) { thread in
    if thread == 0 { first() } else { second() }
  }
}

/// Runs `body` on `count` threads that begin at once.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  withThreads(count: count, body)
}

/// A counter that threads share.
final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .acquiring) }
  func increment() { count.wrappingAdd(1, ordering: .acquiringAndReleasing) }
}
