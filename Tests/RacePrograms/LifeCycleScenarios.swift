// SPDX-License-Identifier: Apache-2.0
//
// The life of processes and threads around the audit: ends, churn, exceptions.

import AuditedCollections
import CxxExceptions
import Foundation
import Synchronization

enum LifeCycleScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "exit-while-writing": { exitWhileWriting { exit(0) } },
    "underscore-exit-while-writing": { exitWhileWriting { _exit(0) } },
    "quick-exit-while-writing": { exitWhileWriting { quick_exit(0) } },
    "thread-churn": { threadChurn() },
    "thread-ends-in-window": { threadEndsInWindow() },
    "fatal-error-in-window": { fatalErrorInWindow() },
    "cxx-exceptions": { cxxExceptions() },
    "busy": { busy() },
    "diagnostics-beside-flush": { diagnosticsBesideFlush() },
    "soak": { SoakScenario.run() },
  ]

  /// Threads that are not joined are writing while the process ends.
  static func exitWhileWriting(_ end: () -> Void) {
    for worker in 0..<4 {
      Thread {
        var own: AuditedDictionary<Int, Int> = [:]
        var step = worker
        while true {
          own[step % 1000] = step
          step += 1
        }
      }.start()
    }
    usleep(50_000)
    print("ending")
    fflush(nil)
    end()
  }

  /// A hundred thousand short threads: rings are reused, memory stays flat.
  static func threadChurn() {
    let rounds = ProcessInfo.processInfo.environment["RACE_THREADS"].flatMap(Int.init) ?? 100_000
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    var early = 0
    for i in 0..<rounds / 4 {
      onRawThreads(4) { _ = shared.value[1] }
      if i == rounds / 40 { early = residentKilobytes() }
    }
    print("resident \(early) kB after a tenth, \(residentKilobytes()) kB at the end")
  }

  static func onRawThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Body(body))
    var threads = [pthread_t](repeating: 0, count: count)
    for index in 0..<count {
      let status = pthread_create(
        &threads[index], nil,
        { argument in
          Unmanaged<Body>.fromOpaque(argument!).takeUnretainedValue().run()
          return nil
        }, box.toOpaque())
      precondition(status == 0)
    }
    for thread in threads { pthread_join(thread, nil) }
    box.release()
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func residentKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  /// A thread ends in the middle of a write; the others wait no longer than `wait_ms` each.
  static func threadEndsInWindow() {
    let holder = Holder()
    let trap = Trap()
    let isInside = Gate()
    trap.arm {
      isInside.open()
      while true { sleep(1000) }
    }
    Thread { holder.value[GatedKey(1, trap)] = [1] }.start()
    isInside.wait()
    for _ in 0..<3 { _ = holder.value.count }
  }

  static func fatalErrorInWindow() {
    let holder = Holder()
    let trap = Trap()
    trap.arm { fatalError("inside a window") }
    holder.value[GatedKey(1, trap)] = [1]
  }

  static func cxxExceptions() {
    let shared = Shared<AuditedDictionary<Int, Int>>([:])
    onThreads(4) { worker in
      var own: AuditedDictionary<Int, Int> = [:]
      withUnsafeMutablePointer(to: &own) { pointer in
        for round in 0..<500 {
          let caught = cxx_throw_and_catch(
            Int32(round), Int32(round % 20),
            { context in context!.assumingMemoryBound(to: AuditedDictionary<Int, Int>.self).pointee[7, default: 0] += 1
            },
            pointer)
          precondition(caught == Int32(round), "an exception went astray")
        }
      }
      precondition(own[7] == 500 && worker < 4)
    }
    precondition(shared.value.isEmpty)
  }

  /// Works for a second, to be stopped and continued from outside.
  static func busy() {
    let guarded = Guarded()
    let deadline = DispatchTime.now().uptimeNanoseconds + 1_500_000_000
    onThreads(4) { worker in
      while DispatchTime.now().uptimeNanoseconds < deadline {
        guarded.mutex.withLock { $0[worker, default: 0] += 1 }
      }
    }
  }

  /// One thread checks whether the detector is alive, another keeps it making rounds: both read the
  /// time of the last round.
  static func diagnosticsBesideFlush() {
    var dictionary: AuditedDictionary<Int, Int> = [1: 1]
    dictionary[2] = 2
    let deadline = DispatchTime.now().uptimeNanoseconds + 2_000_000_000
    onThreads(2) { thread in
      while DispatchTime.now().uptimeNanoseconds < deadline {
        if thread == 0 {
          AccessAudit.flush()
        } else {
          let lag = AccessAudit.totals().detectorLagSeconds
          precondition(AccessAudit.diagnostics().detectorIsAlive != nil && lag < 60)
        }
      }
    }
    print("alive")
  }
}
