// SPDX-License-Identifier: Apache-2.0
//
// Programs with fork handlers that access audited collections before, between and after the
// engine's handlers.

import AuditedCollections
import CxxExceptions
import Foundation
import Synchronization

enum ForkHandlerScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "fork-handlers": { forkWithHandlers(pthread) },
    "fork-handlers-lock": { forkWithLock(pthread) },
    "fork-handlers-fork": { forkInHandlers(pthread) },
    "fork-handlers-early": { forkWithHandlers(early) },
    "fork-handlers-early-lock": { forkWithLock(early) },
    "fork-handlers-early-fork": { forkInHandlers(early) },
  ]

  private typealias Handler = @convention(c) () -> Void
  private typealias Registration = (Handler, Handler, Handler) -> Void

  /// Registers handlers outside of the engine's, which are registered before `main`: these run
  /// before the engine takes its locks, and after it has released them.
  private static func pthread(_ prepare: Handler, _ parent: Handler, _ child: Handler) {
    pthread_atfork(prepare, parent, child)
  }

  /// Registers handlers inside of the engine's: these run while the fork holds the engine's locks.
  private static func early(_ prepare: Handler, _ parent: Handler, _ child: Handler) {
    early_fork_handlers_set(prepare, parent, child)
  }

  private static let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
  private static let kept = Shared<[AuditedDictionary<Int, Int>]>([])
  private static let calls = Counter()

  /// Reads, writes, creates and destroys, with new labels and stacks.
  private static let touch: @convention(c) () -> Void = {
    calls.increment()
    let round = calls.value
    shared.value[round] = round
    precondition(shared.value[round] == round)
    var made = AuditedDictionary<Int, Int>(label: "made in a handler \(round)")
    made[round] = 1
    var copy = made
    copy[round] = 2
    kept.value = [made, copy]
    kept.value = []
    precondition(AccessAudit.violations.isEmpty)
  }

  /// The handlers are registered before auditing begins.
  private static func begin() {
    if !AccessAudit.isEnabled { AccessAudit.configure(AuditConfiguration(onViolation: .report)) }
    shared.value[0] = 0
  }

  private static func forkWithHandlers(_ register: Registration) {
    register(touch, touch, touch)
    begin()
    let isDone = Gate()
    let begun = Counter()
    let worker = Thread {
      while !isDone.isOpen {
        var own = AuditedDictionary<Int, Int>(label: "beside \(begun.value % 50)")
        for i in 0..<50 { own[i] = i }
        begun.increment()
      }
      begun.increment()
    }
    worker.start()
    Waiting.until { begun.value > 0 }
    let start = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<10 {
      let child = ForkScenarios.forkProcess()
      if child == 0 {
        touch()
        AccessAudit.flush()
        exit(0)
      }
      let status = ForkScenarios.waitForChild(child)
      precondition(status == 0, "child ended with \(status)")
    }
    let milliseconds = (DispatchTime.now().uptimeNanoseconds - start) / 1_000_000
    isDone.open()
    // Two calls in this process per fork.
    print("handlers called \(calls.value) times")
    FileHandle.standardError.write(Data("forks took \(milliseconds) ms\n".utf8))
  }

  nonisolated(unsafe) private static let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

  /// The handlers hold a lock of the program over the fork; its other holders make accesses and
  /// collections.
  private static func forkWithLock(_ register: Registration) {
    pthread_mutex_init(mutex, nil)
    register(
      { pthread_mutex_lock(ForkHandlerScenarios.mutex) }, { pthread_mutex_unlock(ForkHandlerScenarios.mutex) },
      { pthread_mutex_unlock(ForkHandlerScenarios.mutex) })
    begin()
    let isDone = Gate()
    let begun = Counter()
    let worker = Thread {
      while !isDone.isOpen {
        pthread_mutex_lock(mutex)
        // A new thread attaches, a label is new, a collection is destroyed: all the actions that
        // take a lock of the engine.
        LifeCycleScenarios.onRawThreads(1) {
          var own = AuditedDictionary<Int, Int>(label: "under the lock \(begun.value)")
          own[1] = 1
        }
        shared.value[2, default: 0] += 1
        pthread_mutex_unlock(mutex)
        begun.increment()
      }
    }
    worker.start()
    Waiting.until { begun.value > 0 }
    for _ in 0..<20 {
      let child = ForkScenarios.forkProcess()
      if child == 0 {
        pthread_mutex_lock(mutex)
        shared.value[2, default: 0] += 1
        pthread_mutex_unlock(mutex)
        exit(0)
      }
      let status = ForkScenarios.waitForChild(child)
      precondition(status == 0, "child ended with \(status)")
    }
    isDone.open()
    print("every child ended")
  }

  private static let isNested = Atomic<Bool>(false)

  /// A handler that forks too, and whose child executes another program.
  private static let forkAgain: @convention(c) () -> Void = {
    if isNested.exchange(true, ordering: .acquiringAndReleasing) { return }
    touch()
    let child = ForkScenarios.forkProcess()
    if child == 0 {
      touch()
      var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
      execv("/bin/true", &arguments)
      _exit(99)
    }
    if ForkScenarios.waitForChild(child) != 0 { _exit(98) }
    touch()
    isNested.store(false, ordering: .releasing)
  }

  private static func forkInHandlers(_ register: Registration) {
    register(forkAgain, forkAgain, forkAgain)
    begin()
    for _ in 0..<5 {
      let child = ForkScenarios.forkProcess()
      if child == 0 {
        touch()
        exit(0)
      }
      let status = ForkScenarios.waitForChild(child)
      precondition(status == 0, "child ended with \(status)")
    }
    print("every child ended")
  }
}
