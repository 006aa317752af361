// SPDX-License-Identifier: Apache-2.0
//
// The report and the process: counts, observers, exit status, no audit at all.

import AuditedCollections
import Foundation

enum ReportScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "repeated": { repeated() },
    "observed": { observed() },
    "print-state": { printState() },
    "configured": { configured() },
    "statistics": { statistics() },
    "hostile-label": { hostileLabel() },
    "detector-held": { detectorHeld() },
    "without-own-file": { withoutOwnFile() },
  ]

  /// The same overlap twenty times: one report, counted.
  static func repeated() {
    for _ in 0..<20 { overlapOnce(label: "repeated") }
  }

  static func overlapOnce(label: String) {
    let shared = Shared(AuditedDictionary<GatedKey, Int>(label: label))
    let trap = Trap()
    let inside = Gate()
    let leaving = Gate()
    trap.arm {
      inside.open()
      leaving.wait()
    }
    onThreads(3) { thread in
      switch thread {
      case 0: shared.value[GatedKey(1, trap)] = 1
      case 1:
        inside.wait()
        shared.value[GatedKey(2)] = 2
      default:
        inside.wait()
        usleep(30_000)
        leaving.open()
      }
    }
  }

  static func observed() {
    AccessAudit.onViolation { violation in
      print("observed \(violation.kind.rawValue) on \(violation.container.label ?? "?")")
    }
    let cancelled = AccessAudit.onViolation { _ in print("observed by the cancelled one") }
    cancelled.cancel()
    overlapOnce(label: "observed")
  }

  /// Prints the threads of the process and the signal handlers, for the test of the switched-off
  /// audit.
  static func printState() {
    var dictionary: AuditedDictionary<Int, Int> = [:]
    for i in 0..<100 { dictionary[i] = i }
    precondition(dictionary.count == 100 && dictionary[7] == 7)
    // The detector has named itself before it answers.
    AccessAudit.flush()
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    let names = threads.map { (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) ?? "" }
    print("enabled \(AccessAudit.isEnabled)")
    print("detector \(names.contains("access-audit\n"))")
    var handlers = 0
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT] {
      var action = sigaction()
      sigaction(signal, nil, &action)
      if action.__sigaction_handler.sa_handler != nil { handlers += 1 }
    }
    print("handlers \(handlers)")
    print("collections \(AccessAudit.statistics().count)")
  }

  /// Switched on and off by the program, regardless of the environment.
  static func configured() {
    precondition(!AccessAudit.isEnabled)
    let shared = Shared<AuditedDictionary<Int, Int>>([1: 1])
    AccessAudit.configure(AuditConfiguration(onViolation: .report, exitCode: 7, stackDepth: 4_000))
    precondition(AccessAudit.isEnabled && AccessAudit.configuration.stackDepth == 32)
    overlapOnce(label: "configured")
    onThreads(1) { _ in shared.value[2] = 2 }
    AccessAudit.configure(AuditConfiguration(isEnabled: false, exitCode: 7))
    precondition(!AccessAudit.isEnabled)
    shared.value[3] = 3
    precondition(shared.value.count == 3)
  }

  static func statistics() {
    var dictionary = AuditedDictionary<String, Int>(label: "counted")
    for i in 0..<50 { dictionary["\(i)"] = i }
    for i in 0..<25 { precondition(dictionary["\(i)"] == i) }
    for statistics in AccessAudit.statistics() where statistics.label == "counted" {
      print("type \(statistics.type ?? "?")")
      print("writes \(statistics.writes) reads \(statistics.reads) threads \(statistics.threads.count)")
      print("peak \(statistics.peakCount ?? -1)")
    }
    precondition(dictionary.count == 50)
  }

  /// The detector never makes the report: a handler of the program holds it.
  static func detectorHeld() {
    let isHeld = Gate()
    AccessAudit.onInterval(seconds: 0) { _ in
      isHeld.open()
      while true { sleep(1_000) }
    }
    var own: AuditedDictionary<Int, Int> = [1: 1]
    own[1] = 2
    isHeld.wait()
    overlapOnce(label: "held")
  }

  /// The program's file is gone when its symbols are read. For a copy of the program only.
  static func withoutOwnFile() {
    unlink(CommandLine.arguments[0])
    overlapOnce(label: "unlinked")
  }

  static func hostileLabel() {
    overlapOnce(label: "a\"b\\c\u{1B}[31mred\u{7}\nnew line \u{202E}reversed")
  }
}
