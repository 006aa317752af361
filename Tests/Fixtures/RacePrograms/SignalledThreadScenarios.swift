// SPDX-License-Identifier: Apache-2.0
//
// Threads that are sent signals from their beginning on, one every few microseconds, with a handler
// that reads an audited dictionary: it comes in the middle of the thread's own first access, and in
// the middle of an allocation before any access.

import AuditedCollections
import Foundation
import Synchronization

enum SignalledThreadScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "signal-at-first-access": { run(threads: 200) { readOwn() } },
    "signal-inside-malloc": {
      run(threads: 100) {
        for round in 0..<3_000 { free(malloc(round + 16)) }
        readOwn()
      }
    },
  ]

  nonisolated(unsafe) private static var ofHandlers: AuditedDictionary<Int, Int> = [:]
  nonisolated(unsafe) private static var ofThreads: AuditedDictionary<Int, Int> = [:]
  /// 1: the thread is there; 2: it is sent signals; 3: it has ended its work.
  private static let stage = Atomic<Int>(0)
  private static let handled = Counter()
  nonisolated(unsafe) private static var body: () -> Void = {}
  nonisolated(unsafe) private static var receiver = pthread_t()
  nonisolated(unsafe) private static var pause = 0

  @inline(never)
  private static func readInHandler() {
    if ofHandlers[1] == 2 { handled.increment() }
  }

  @inline(never)
  private static func readOwn() { precondition(ofThreads[1] == 3) }

  private static func run(threads count: Int, _ body: @escaping () -> Void) {
    // All that is made at its first use is made before.
    ofHandlers = [1: 2]
    ofThreads = [1: 3]
    readInHandler()
    readOwn()
    let before = handled.value
    self.body = body
    SignalScenarios.install(SIGUSR1, flags: SA_RESTART) { _, _, _ in SignalledThreadScenarios.readInHandler() }
    for _ in 0..<count { sendSignalsToAThread() }
    print("\(count) threads, handlers \(handled.value > before ? "came" : "did not come")")
  }

  private static func sendSignalsToAThread() {
    stage.store(0, ordering: .releasing)
    let status = pthread_create(
      &receiver, nil,
      { _ in
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGUSR1)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        SignalledThreadScenarios.stage.store(1, ordering: .releasing)
        SignalledThreadScenarios.waitForStage(2)
        SignalledThreadScenarios.body()
        SignalledThreadScenarios.stage.store(3, ordering: .releasing)
        return nil
      }, nil)
    precondition(status == 0)
    waitForStage(1)
    stage.store(2, ordering: .releasing)
    // A signal comes some time after the one before was handled, as the thread has to get on; the
    // first one anywhere in the thread's first access.
    while stage.load(ordering: .acquiring) != 3 {
      pause = (pause &+ 37) % 97
      for _ in 0..<pause * 16 where stage.load(ordering: .relaxed) == 3 { break }
      let before = handled.value
      pthread_kill(receiver, SIGUSR1)
      while handled.value == before, stage.load(ordering: .acquiring) != 3 { sched_yield() }
    }
    precondition(pthread_join(receiver, nil) == 0)
  }

  private static func waitForStage(_ wanted: Int) {
    while stage.load(ordering: .acquiring) < wanted { sched_yield() }
  }
}
