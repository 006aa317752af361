// SPDX-License-Identifier: Apache-2.0
//
// The checklist as workflow commands, which GitHub shows beside the changed lines.

#if Scanner && canImport(Glibc)

enum GitHubChecklist {
  /// GitHub shows ten annotations of a kind for one step.
  static let shownPerKind = 10

  static func render(_ result: PreflightResult) -> String {
    let failed = result.stages.flatMap { stage in stage.failed.map { (stage, $0) } }
    let warnings = result.stages.flatMap { stage in stage.warnings.map { (stage, $0) } }
    var lines: [String] = []
    for (command, checks) in [("error", failed), ("warning", warnings)] {
      var shown = checks[...]
      if checks.count > shownPerKind {
        let noun = command == "error" ? "failed checks" : "warnings"
        lines.append(
          "::\(command) title=preflight::\(checks.count) \(noun); the first \(shownPerKind - 1) are annotated here")
        shown = checks.prefix(shownPerKind - 1)
      }
      lines += shown.map { annotation(command, $0, $1) }
    }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  private static func annotation(_ command: String, _ stage: StageResult, _ check: Check) -> String {
    var properties: [String] = []
    if let place = check.place { properties = ["file=\(property(place.file))", "line=\(place.line)"] }
    properties.append("title=\(property("preflight \(stage.stage.rawValue): \(check.name)"))")
    let text = [check.detail, check.next.map { "next: \($0)" }, "again: \(stage.command)"].compactMap(\.self)
    return "::\(command) \(properties.joined(separator: ","))::\(data(text.joined(separator: "\n")))"
  }

  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}

#endif
