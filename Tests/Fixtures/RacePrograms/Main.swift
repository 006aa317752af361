// SPDX-License-Identifier: Apache-2.0
//
// Small programs for the tests to run as child processes: each forces an overlap that must be
// reported, or makes lawful accesses that must not be.

import AuditedCollections
import Foundation

@main
enum Main {
  static let scenarios: [String: @Sendable () async -> Void] = parts.reduce(into: [:]) { all, part in
    all.merge(part) { _, _ in fatalError("two scenarios of one name") }
  }

  private static var parts: [[String: @Sendable () async -> Void]] {
    var parts = [
      OverlapScenarios.all, WindowScenarios.all, SilentScenarios.all, ReportScenarios.all, StressScenarios.all,
      CrashScenarios.all, RecallScenarios.all, LifeCycleScenarios.all, ForkScenarios.all, ContextScenarios.all,
      BadUseScenarios.all, VariableScenarios.all, SnapshotScenarios.all, RemedyScenarios.all, ThreadScenarios.all,
      CrashEvidenceScenarios.all, SignalScenarios.all, SignalledThreadScenarios.all, ShieldScenarios.all,
      ErrnoScenarios.all, ForkedChildScenarios.all, ForkHandlerScenarios.all,
      ExitScenarios.all, IdleScenarios.all, SeenScenarios.all, ReplacementScenarios.all, SmallStackScenarios.all,
      HuntScenarios.all, OneRaceScenarios.all,
    ]
    #if AUDITED && canImport(Glibc)
    parts += [MatrixRun.all, SlotScenarios.all, RecorderScenarios.all, LimitScenarios.all]
    #endif
    return parts
  }

  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    guard let name = arguments.first, let scenario = scenarios[name] else {
      print(scenarios.keys.sorted().joined(separator: "\n"))
      exit(arguments.isEmpty ? 0 : 64)
    }
    await scenario()
    AccessAudit.flush()
    print("finished with \(AccessAudit.violations.count) violations")
  }
}
