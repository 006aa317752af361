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
    "fork-in-scope": { forkInScope() },
    "fork-in-scope-after-accesses": { forkInScope(afterAccesses: true) },
    "fork-counts": { forkCounts() },
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

  /// A child of a test: no test of that process is told of what it sees, so it reports for itself.
  /// One that opens a scope of its own is told, whatever becomes of the scope it was forked in.
  private static func forkInScope(afterAccesses: Bool = false) {
    let scope = AuditScopes.open(ScopeName(symbol: "a test", file: nil, display: "a test"))
    if afterAccesses {
      var own: AuditedDictionary<Int, Int> = [:]
      own[1] = 1
      AccessAudit.flush()
    }
    for opensScope in [false, true] {
      let child = ForkScenarios.forkProcess()
      if child == 0 {
        AuditScopes.carrying(scope.id) {
          if opensScope { return raceInOwnScope(scope) }
          ReportScenarios.overlapOnce(label: "in the child")
        }
        exit(0)
      }
      say(child)
    }
    precondition(AuditScopes.close(scope).isEmpty)
  }

  private static func raceInOwnScope(_ parents: AuditScope) {
    let own = AuditScopes.open(ScopeName(symbol: "a child", file: nil, display: "a child"))
    precondition(AuditScopes.close(parents).isEmpty)
    AuditScopes.carrying(own.id) { ReportScenarios.overlapOnce(label: "in the child's scope") }
    AccessAudit.flush()
    let unattributed = AuditScopes.takeUnattributed().violations.count
    precondition(AuditScopes.close(own).count + unattributed == 1)
  }

  /// The thread that forks inside `withSuppressed` is there in the child, and its writes count.
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

  /// A child's counts begin at 0, whether the parent's detector had read the last accesses or not.
  /// What a collection is stays known.
  private static func forkCounts() {
    var counted = AuditedDictionary<Int, Int>(label: "counted")
    for isFlushed in [true, false] {
      for i in 0..<500 { counted[i] = i }
      if isFlushed { AccessAudit.flush() }
      let child = ForkScenarios.forkProcess()
      if child == 0 {
        let before = AccessAudit.totals()
        for i in 0..<3 { counted[i] = i }
        precondition(counted[1] == 1 && counted[2] == 2)
        AccessAudit.flush()
        let totals = AccessAudit.totals()
        print("before \(before.reads) \(before.writes) \(before.recordsLost) \(before.collections)", terminator: ", ")
        print("then \(totals.reads) \(totals.writes) \(totals.recordsLost) \(totals.collections)", terminator: ", ")
        for row in AccessAudit.statistics() {
          print("\(row.label ?? "?") \(row.type ?? "?") \(row.reads) \(row.writes) \(row.threads == [getpid()])")
        }
        exit(0)
      }
      say(child)
    }
    // Those of the parent go on.
    AccessAudit.flush()
    let totals = AccessAudit.totals()
    print("parent \(totals.writes + totals.recordsLost)")
  }

  /// Children whose threads all make their first accesses at once, beside the new detector: nothing
  /// may be made lazily there.
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
