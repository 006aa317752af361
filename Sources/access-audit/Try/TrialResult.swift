// SPDX-License-Identifier: Apache-2.0
//
// What a trial has found, and the status that the tool ends with. Values only.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import AccessReports
import ArgumentParser

struct TrialResult {
  /// The races, without those of the baseline.
  var races: [MergedViolation] = []
  /// The races of the baseline that were seen again.
  var known: [MergedViolation] = []
  var plan = HuntPlan()
  var variables: [InstrumentedVariable] = []
  var processes = AuditedProcesses(path: "")
  /// `nil` where a product was run.
  var tests: TestTally?
  var rounds = 0
  /// The worst status of the rounds.
  var status = ProgramStatus.exited(0)
  var stages: [StageLog.Stage] = []
  var seconds = 0.0

  var audited: [InstrumentedVariable] { variables.filter { $0.form != .none } }
  var leftAlone: [InstrumentedVariable] { variables.filter { $0.form == .none } }

  /// Whether something was audited while it ran.
  var wasAudited: Bool { !processes.isEmpty || !races.isEmpty || !known.isEmpty }

  /// The status of the tests or the product, without what the audit has added to it.
  var ownStatus: Int32 {
    guard !known.isEmpty || !races.isEmpty else { return status.exitStatus }
    // A race gives its process status 66, and the test runner then ends with 1.
    if let tests { return tests.failed.isEmpty && status.exitStatus == 1 ? 0 : status.exitStatus }
    return status.exitStatus == Self.raced ? 0 : status.exitStatus
  }

  /// The status of an audited process that has reported a race.
  static let raced: Int32 = 66

  /// The tool's exit status.
  var exitStatus: Int32 {
    if !races.isEmpty { return Self.raced }
    if ownStatus != 0 { return ownStatus }
    return variables.isEmpty || wasAudited ? 0 : ToolStatus.notAudited.rawValue
  }
}
#endif
