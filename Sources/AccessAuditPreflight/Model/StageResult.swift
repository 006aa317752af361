// SPDX-License-Identifier: Apache-2.0
//
// What the stages have found: checks, verdicts, and the status that the tool ends with. Values
// only.

#if Scanner && canImport(Glibc)

/// One line of the checklist.
package struct Check: Sendable, Equatable {
  package enum Outcome: String, Sendable {
    case passed
    case failed
    /// Worth a look; it stops nothing.
    case warning
    case skipped
  }

  /// A place in the sources, relative to the package where it is in it.
  package struct Place: Sendable, Equatable {
    package var file: String
    package var line: Int

    package init(file: String, line: Int) {
      self.file = file
      self.line = line
    }
  }

  package var name: String
  package var outcome: Outcome
  /// What was found, in one sentence.
  package var detail: String
  /// What to do about it.
  package var next: String?
  package var place: Place?

  package init(_ name: String, _ outcome: Outcome, _ detail: String, next: String? = nil, place: Place? = nil) {
    self.name = name
    self.outcome = outcome
    self.detail = detail
    self.next = next
    self.place = place
  }
}

/// A stage that was gone through, or passed over.
package struct StageResult: Sendable, Equatable {
  package enum Verdict: String, Sendable {
    case passed
    case failed
    case skipped
  }

  package var stage: Stage
  package var checks: [Check]
  package var seconds: Double
  /// The one command that does the same again.
  package var command: String

  package init(_ stage: Stage, checks: [Check], seconds: Double = 0, command: String) {
    self.stage = stage
    self.checks = checks
    self.seconds = seconds
    self.command = command
  }

  package var verdict: Verdict {
    if checks.contains(where: { $0.outcome == .failed }) { return .failed }
    return checks.allSatisfy { $0.outcome == .skipped } ? .skipped : .passed
  }

  package var failed: [Check] { checks.filter { $0.outcome == .failed } }
  package var warnings: [Check] { checks.filter { $0.outcome == .warning } }

  /// The stage in one sentence: the first that has failed, or what was found.
  package var summary: String {
    let shown = failed.first ?? checks.first { $0.outcome == .passed } ?? checks.first
    let rest = failed.count > 1 ? ", and \(failed.count - 1) more" : ""
    return shown.map { "\($0.detail)\(rest)" } ?? "nothing to check"
  }

  /// The next step, when it has failed.
  package var next: String? { failed.compactMap(\.next).first }
}

/// The whole checklist.
package struct PreflightResult: Sendable, Equatable {
  /// The package's name: that of its folder.
  package var name: String
  package var stages: [StageResult]

  package init(name: String, stages: [StageResult]) {
    self.name = name
    self.stages = stages
  }

  package var isReady: Bool { exitStatus == 0 }

  /// 0, or the status of the first stage that has failed.
  package var exitStatus: Int32 { stages.first { $0.verdict == .failed }?.stage.exitStatus ?? 0 }

  package var seconds: Double { stages.reduce(0) { $0 + $1.seconds } }
}

#endif
