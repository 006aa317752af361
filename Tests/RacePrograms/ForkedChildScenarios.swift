// SPDX-License-Identifier: Apache-2.0
//
// Children of processes that have seen a violation, forks that bypass the C library, forks from
// unusual places.

import AuditedCollections
import Foundation
import Synchronization

enum ForkedChildScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "fork-after-report": { forkAfterReport() },
    "fork-after-suppressed": { forkAfterSuppressed() },
    "fork-beside-pending": { forkBesidePending() },
    "fork-in-observer": { forkInObserver() },
    "fork-suppressed": { forkSuppressed() },
    "raw-fork-race": { rawForkRace() },
    "fork-first-accesses": { forkFirstAccesses() },
  ]

  /// Forks without the C library's handlers, as programs do that make the system call themselves.
  private static func forkSilently() -> Int32 {
    fflush(nil)
    let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "_Fork")!
    return unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()
  }

  private static func say(_ child: Int32) {
    let status = ForkScenarios.waitForChild(child)
    print("child ended with \(status >> 8) signal \(status & 127)")
  }

  /// The parent has reported a violation; its child has done nothing.
  private static func forkAfterReport() {
    ReportScenarios.overlapOnce(label: "in the parent")
    AccessAudit.flush()
    for _ in 0..<3 {
      let child = ForkScenarios.forkProcess()
      if child == 0 {
        let seen = AccessAudit.totals().violations.values.reduce(0, +)
        if !AccessAudit.violations.isEmpty || seen != 0 { _exit(1) }
        exit(0)
      }
      say(child)
    }
  }

  private static func forkAfterSuppressed() {
    AccessAudit.suppress(label: "known")
    ReportScenarios.overlapOnce(label: "known")
    AccessAudit.flush()
    let child = ForkScenarios.forkProcess()
    if child == 0 { exit(0) }
    say(child)
  }

  /// A violation that the parent has not reported yet is not the child's to report.
  private static func forkBesidePending() {
    let isHeld = Gate()
    let leaving = Gate()
    AccessAudit.onInterval(seconds: 0.01) { _ in
      isHeld.open()
      leaving.wait()
    }
    var own: AuditedDictionary<Int, Int> = [:]
    own[1] = 1
    isHeld.wait()
    ReportScenarios.overlapOnce(label: "in the parent")
    let child = ForkScenarios.forkProcess()
    if child == 0 {
      AccessAudit.flush()
      exit(AccessAudit.violations.isEmpty ? 0 : 1)
    }
    say(child)
    leaving.open()
  }

  private static func forkInObserver() {
    AccessAudit.onViolation { _ in
      let child = ForkScenarios.forkProcess()
      if child == 0 { exit(0) }
      say(child)
      fflush(nil)
    }
    ReportScenarios.overlapOnce(label: "observed")
  }

  /// The thread that forks inside `withSuppressed` exists in the child, and its writes count.
  private static func forkSuppressed() {
    let holder = Holder()
    holder.value[GatedKey(7)] = [7]
    let child = AccessAudit.withSuppressed { ForkScenarios.forkProcess() }
    if child != 0 { return say(child) }
    let trap = Trap()
    trap.arm {
      let other = Thread { holder.value[GatedKey(2)] = [2] }
      other.start()
      Waiting.untilReported()
    }
    holder.value[GatedKey(1, trap)] = [1]
    exit(0)
  }

  private static func rawForkRace() {
    var own: AuditedDictionary<Int, Int> = [:]
    own[1] = 1
    AccessAudit.flush()
    let begin = DispatchTime.now().uptimeNanoseconds
    let child = forkSilently()
    if child == 0 {
      ReportScenarios.overlapOnce(label: "in the child")
      exit(0)
    }
    say(child)
    print("in \((DispatchTime.now().uptimeNanoseconds - begin) / 1_000_000_000) s")
    precondition(own[1] == 1)
  }

  /// Children whose threads all make their first accesses at once, beside the new detector: no lazy
  /// initialisation may happen there.
  private static func forkFirstAccesses() {
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    for _ in 0..<40 {
      let child = ForkScenarios.forkProcess()
      if child == 0 {
        LifeCycleScenarios.onRawThreads(4) {
          var own = AuditedDictionary<Int, Int>(label: "of a thread")
          for i in 0..<20 { own[i] = shared.value[1] }
        }
        AccessAudit.flush()
        exit(0)
      }
      let status = ForkScenarios.waitForChild(child)
      precondition(status == 0, "child ended with \(status)")
    }
    print("every child ended")
  }
}
