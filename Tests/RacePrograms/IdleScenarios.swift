// SPDX-License-Identifier: Apache-2.0
//
// An idle process, and the first accesses after the idle time.

import AuditedCollections
import Foundation

enum IdleScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "idle": { idle() },
    "idle-then-race": { idleThenRace() },
    "idle-then-work": { idleThenWork() },
  ]

  /// The detector's thread as the kernel shows it; after a flush it exists and has named itself.
  struct DetectorThread {
    let folder: String

    init() {
      AccessAudit.flush()
      let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
      folder =
        threads.map { "/proc/self/task/\($0)" }
        .first { (try? String(contentsOfFile: "\($0)/comm", encoding: .utf8)) == "access-audit\n" } ?? "?"
    }

    /// The number of times it has gone to sleep.
    var sleeps: Int {
      let status = (try? String(contentsOfFile: "\(folder)/status", encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
      return line?.split(separator: "\t").last.flatMap { Int($0) } ?? -1
    }

    /// The processor time that it has used, in microseconds.
    var microseconds: Int {
      let text = (try? String(contentsOfFile: "\(folder)/schedstat", encoding: .utf8)) ?? ""
      return (text.split(separator: " ").first.flatMap { Int($0) } ?? 0) / 1_000
    }

    /// True when it stops making rounds within twenty seconds: it goes to sleep no more often, or
    /// only for destroyed collections.
    func becomesIdle() -> Bool {
      for _ in 0..<200 {
        let before = sleeps
        usleep(100_000)
        if sleeps == before { return true }
      }
      return false
    }
  }

  /// The length of the idle time in seconds.
  private static var seconds: UInt32 {
    ProcessInfo.processInfo.environment["RACE_SECONDS"].flatMap(UInt32.init) ?? 3
  }

  private static func makeAccesses() {
    var dictionary: AuditedDictionary<Int, Int> = [:]
    for i in 0..<100 { dictionary[i] = i }
    precondition(dictionary.count == 100)
  }

  static func idle() {
    let kept = Shared<AuditedDictionary<Int, Int>>([1: 1])
    makeAccesses()
    let detector = DetectorThread()
    // The memory of the destroyed dictionary is freed after three seconds.
    sleep(4)
    precondition(detector.becomesIdle())
    let (sleeps, used) = (detector.sleeps, detector.microseconds)
    sleep(seconds)
    let totals = AccessAudit.totals()
    print("idle for \(seconds) s: \(detector.sleeps - sleeps) wake-ups, \(detector.microseconds - used) µs")
    precondition(totals.detectorLagSeconds < 1)
    precondition(kept.value[1] == 1)
  }

  /// The first two accesses after the idle time are the race.
  static func idleThenRace() {
    let shared = Shared(AuditedDictionary<GatedKey, Int>(label: "idle"))
    shared.value[GatedKey(0)] = 0
    let detector = DetectorThread()
    precondition(detector.becomesIdle())
    sleep(seconds)
    let trap = Trap()
    let inside = Gate()
    trap.arm {
      inside.open()
      Waiting.untilReported()
    }
    together {
      shared.value[GatedKey(1, trap)] = 1
    } _: {
      inside.wait()
      shared.value[GatedKey(2)] = 2
    }
  }

  /// After the idle time everything works as before it: accesses are counted, ages are right,
  /// destroyed collections are freed, observers are called.
  static func idleThenWork() {
    makeAccesses()
    let detector = DetectorThread()
    precondition(detector.becomesIdle())
    sleep(seconds)
    var dictionary = AuditedDictionary<Int, Int>(label: "after")
    for i in 0..<50 { dictionary[i] = i }
    let after = AccessAudit.statistics().first { $0.label == "after" }
    print("writes \(after?.writes ?? 0), lifetime below a second: \((after?.lifetimeMilliseconds ?? 9_999) < 1_000)")
    precondition(detector.becomesIdle())
    let isCalled = Gate()
    let observer = AccessAudit.onInterval(seconds: 3_600) { _ in isCalled.open() }
    isCalled.wait()
    observer.cancel()
    print("observer called")
    precondition(detector.becomesIdle())
    AccessAudit.configure(AuditConfiguration(isEnabled: false))
    precondition(detector.becomesIdle())
    AccessAudit.configure(AuditConfiguration(onViolation: .report))
    for i in 0..<7 { dictionary[i] = nil }
    print("writes \(AccessAudit.statistics().first { $0.label == "after" }?.writes ?? 0)")
  }
}
