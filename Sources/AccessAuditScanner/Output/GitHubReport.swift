// SPDX-License-Identifier: Apache-2.0
//
// The report as workflow commands, which GitHub shows beside the changed lines.

#if Scanner

/// Renders workflow commands.
enum GitHubReport {
  /// GitHub shows ten annotations of a kind for one step; a summary comes first when there are
  /// more.
  static let shownPerKind = 10

  static func render(_ report: ScanReport) -> String {
    var lines: [String] = []
    for severity in Severity.allCases.reversed() {
      let findings = report.active.filter { $0.severity == severity }
      let command = severity == .note ? "notice" : severity.rawValue
      if findings.count > shownPerKind {
        lines.append(
          "::\(command) title=\(property("access-audit"))::\(data(TextReport.summary(report)))")
      }
      for finding in findings {
        var message = finding.message
        for related in finding.related {
          message += "\n\(related.label): \(related.place.path):\(related.place.line)"
        }
        lines.append(
          "::\(command) file=\(property(finding.place.path)),line=\(finding.place.line),"
            + "endLine=\(finding.place.endLine)\(columns(finding.place)),title=\(property(finding.rule))::\(data(message))"
        )
      }
    }
    for problem in report.problems {
      lines.append(
        "::warning file=\(property(problem.place.path)),line=\(problem.place.line),"
          + "title=access-audit::\(data(problem.message))")
    }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  /// Columns are allowed for ranges in one line only.
  private static func columns(_ place: SourcePlace) -> String {
    place.line == place.endLine ? ",col=\(place.column),endColumn=\(place.endColumn)" : ""
  }

  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}

#endif
