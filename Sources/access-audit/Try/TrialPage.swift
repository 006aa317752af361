// SPDX-License-Identifier: Apache-2.0
//
// The page at the end of a trial: races, suspects, what was audited and what was not, the time of
// each stage. Values to text.

#if Scanner && canImport(Glibc)
import AccessAuditOverlay
import AccessAuditReports
import AccessReports
import AccessTerms

struct TrialPage {
  var result: TrialResult
  var package: String
  /// Files that say more.
  var places: [String]

  /// Lines of a list that are shown at most.
  private static let limit = 20

  var text: String {
    var lines = [verdict, ""]
    for (index, race) in result.races.enumerated() { lines += self.race(race, number: index + 1) + [""] }
    let suspects = HuntSummary.lines(result.plan)
    if !suspects.isEmpty { lines += suspects + [""] }
    lines += audited + leftAlone + [""] + programs + times
    lines += places.map { "in full: \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  private var verdict: String {
    var text: String
    if !result.races.isEmpty {
      text = "\(result.races.count) race\(result.races.count == 1 ? "" : "s")"
    } else if result.wasAudited {
      text = "no race was seen"
    } else if result.variables.isEmpty {
      text = "the package stores no collection that threads could share: nothing was audited"
    } else {
      text = "nothing was audited: no audited access was made"
    }
    if !result.known.isEmpty { text += "; \(result.known.count) of the baseline seen again" }
    return "== \(text)"
  }

  private func race(_ merged: MergedViolation, number: Int) -> [String] {
    let report = merged.report
    let name = report.container.label.map { "'\($0)'" } ?? report.container.declaration ?? ""
    var lines = ["\(number). \(report.message)\(name.isEmpty ? "" : " on \(name)"), \(times(merged))"]
    for access in report.accesses {
      let operation = access.operation.map { " (\($0.rawValue))" } ?? ""
      lines.append("   \(access.writing ? "write" : "read")\(operation) \(place(access))")
    }
    return lines.map { TextEscaping.printable($0) }
  }

  private func times(_ merged: MergedViolation) -> String {
    let seen = "seen \(Sentences.times(merged.timesSeen))"
    return "\(seen) in \(merged.runs.count) process\(merged.runs.count == 1 ? "" : "es")"
  }

  private func place(_ access: Violation.Access) -> String {
    guard let frame = access.location else { return "at a place that is not known" }
    let file = frame.file.map { file in
      let shown = file.hasPrefix(package + "/") ? String(file.dropFirst(package.utf8.count + 1)) : file
      return frame.line.map { "\(shown):\($0)" } ?? shown
    }
    return [file, frame.symbol].compactMap { $0 }.joined(separator: " ")
  }

  private var audited: [String] {
    let types = result.audited.count { $0.form == .type }
    let heading =
      "audited: \(result.audited.count) variables (\(types) by their type, \(result.audited.count - types) by @Audited)"
    return [heading] + shown(result.audited.map { "\($0.path):\($0.line) \($0.symbol)" })
  }

  private var leftAlone: [String] {
    guard !result.leftAlone.isEmpty else { return [] }
    return ["left alone: \(result.leftAlone.count)"]
      + shown(result.leftAlone.map { "\($0.path):\($0.line) \($0.symbol): \($0.reason ?? "no reason")" })
  }

  private func shown(_ lines: [String]) -> [String] {
    let rest = lines.count - Self.limit
    return lines.prefix(Self.limit).map { "  \($0)" } + (rest > 0 ? ["  and \(rest) more: --format json has all"] : [])
  }

  private var programs: [String] {
    var lines: [String] = []
    if let tests = result.tests {
      lines.append("tests: \(tests.description)")
      lines += shown(tests.failed.sorted())
    } else {
      lines.append("product: \(result.status.description)")
    }
    if !result.processes.isEmpty { lines.append("seen: \(result.processes.description)") }
    return lines
  }

  private var times: [String] {
    let stages = result.stages.map { "\($0.name) \(StageLog.text($0.seconds))" }.joined(separator: ", ")
    return ["time: \(StageLog.text(result.seconds)) (\(stages))"]
  }
}
#endif
