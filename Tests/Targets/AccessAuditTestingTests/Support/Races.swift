// SPDX-License-Identifier: Apache-2.0
//
// Races that the tests of the kit must find. Each overlap is forced; the racing lines have names,
// so that the tests can refer to them.

#if AUDITED && canImport(Glibc)

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
  /// The write that finds the other one in progress.
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

  /// Two writes at once, on threads that belong to no test.
  func raceOnForeignThreads() {
    Foreign.overlap({ self.hold($0) }, { self.write(GatedKey(2)) })
  }
}

/// A collection without a label.
final class Nameless: @unchecked Sendable {
  var entries: AuditedDictionary<GatedKey<Int>, Int> = [:]
}

/// Threads without a test's context, whose stacks lead through no test.
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
      // The write waits for the held one, which is released soon.
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

#endif
