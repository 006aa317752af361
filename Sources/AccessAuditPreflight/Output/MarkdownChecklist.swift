// SPDX-License-Identifier: Apache-2.0
//
// The checklist as Markdown: the summary of a job, or a comment of a review. Text from the
// programs is escaped.

#if Scanner && canImport(Glibc)

internal import AccessTerms

enum MarkdownChecklist {
  /// Lines of a failed stage that are shown.
  private static let limit = 20

  static func render(_ result: PreflightResult) -> String {
    var lines = [
      "## Preflight of \(escaped(result.name)): \(result.isReady ? "ready" : "not ready")", "",
      "| Stage | Verdict | Time | Found |", "|---|---|---|---|",
    ]
    for stage in result.stages {
      let time = stage.verdict == .skipped ? "" : TextChecklist.time(stage.seconds)
      let verdict = stage.verdict == .failed ? "**failed**" : stage.verdict.rawValue
      lines.append("| \(stage.stage.rawValue) | \(verdict) | \(time) | \(cell(stage.summary)) |")
    }
    for stage in result.stages where stage.verdict == .failed || !stage.warnings.isEmpty {
      lines += ["", "### \(stage.stage.rawValue)", ""]
      let shown = stage.failed + stage.warnings
      for check in shown.prefix(limit) {
        lines.append("- [ ] \(check.outcome == .warning ? "warning: " : "")\(cell(check.detail))")
        if let next = check.next { lines.append("  - next: \(code(next))") }
      }
      if shown.count > limit { lines.append("- and \(shown.count - limit) more") }
      if stage.verdict == .failed { lines += ["", "Again: \(code(stage.command))"] }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line without what Markdown or HTML would take for its own.
  private static func escaped(_ text: String) -> String {
    TextEscaping.printable(text).reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "@": result += "\\\(character)"
      default: result.append(character)
      }
    }
  }

  private static func cell(_ text: String) -> String {
    text.split(separator: "\n").map { escaped(String($0)) }.joined(separator: "<br>")
  }

  private static func code(_ text: String) -> String {
    let line = TextEscaping.printable(text.replacing("\n", with: " "))
    return line.contains("`") ? "`` \(line) ``" : "`\(line)`"
  }
}

#endif
