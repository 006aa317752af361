// SPDX-License-Identifier: Apache-2.0
//
// Races to be found by the tests of the kit. Each overlap is forced; the lines that race are marked, so that the tests can
// ask for them.

import AccessAuditTesting
import AuditedCollections
import Foundation

final class Board: @unchecked Sendable {
  var scores: AuditedDictionary<GatedKey<Int>, Int>

  init(label: String = "scores") {
    scores = AuditedDictionary(label: label)
    scores[GatedKey(0)] = 0
  }

  /// The line of the write that finds the other one in progress.
  static let writeLine = #line + 3
  /// The column of the subscript in it.
  func write(_ key: GatedKey<Int>) {
    scores[key] = 1
  }

  static let holdLine = #line + 2
  func hold(_ trap: AccessTrap) {
    scores[GatedKey(1, trap)] = 1
  }

  static let readLine = #line + 2
  func read() {
    _ = scores.count
  }

  /// Two writes at once, on threads of the calling test.
  func raceWrites() throws {
    try withAccessHeld(first: { self.hold($0) }, second: { self.write(GatedKey(2)) })
  }

  /// A read during a write, on threads of the calling test.
  func raceRead() throws {
    try withAccessHeld(first: { self.hold($0) }, second: { self.read() })
  }

  /// Two writes at once, on threads that belong to nobody.
  func raceOnForeignThreads() {
    Foreign.overlap({ self.hold($0) }, { self.write(GatedKey(2)) })
  }
}

/// Threads that no test is known to have started, and whose stacks lead through none.
enum Foreign {
  static func overlap(
    _ first: @escaping @Sendable (AccessTrap) -> Void, _ second: @escaping @Sendable () -> Void
  ) {
    let trap = AccessTrap()
    let inside = StartGate()
    let leave = StartGate()
    trap.arm {
      inside.open()
      leave.wait(atMost: .seconds(5))
    }
    let group = DispatchGroup()
    run(group) { first(trap) }
    run(group) {
      inside.wait()
      // The write waits for the one that is held; that one is let go soon.
      Thread {
        usleep(20_000); leave.open()
      }.start()
      second()
    }
    group.wait()
  }

  static func run(_ group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    Thread {
      body()
      group.leave()
    }.start()
  }
}
