// SPDX-License-Identifier: Apache-2.0
//
// The report for people: each finding with its source line and the other place.

#if Scanner

/// Renders text.
enum TextReport {
  /// - Complexity: O(*n*) in the number of findings.
  static func render(_ report: ScanReport) -> String {
    let sources = Dictionary(report.sources.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    var lines: [String] = []
    for problem in report.problems {
      lines.append("\(position(problem.place)): problem: \(problem.message)")
    }
    for finding in report.active {
      lines.append("\(position(finding.place)): \(finding.severity.rawValue): \(finding.message) [\(finding.rule)]")
      lines += excerpt(finding.place, sources)
      for related in finding.related {
        lines.append("  \(position(related.place)): note: \(related.label)")
        lines += excerpt(related.place, sources)
      }
    }
    lines.append(summary(report))
    return lines.joined(separator: "\n") + "\n"
  }

  private static func position(_ place: SourcePlace) -> String { "\(place.path):\(place.line):\(place.column)" }

  /// The line and a mark below the place.
  private static func excerpt(_ place: SourcePlace, _ sources: [String: SourceText]) -> [String] {
    guard let source = sources[place.path] else { return [] }
    let text = source.line(place.line)
    let number = String(place.line)
    let gutter = String(repeating: " ", count: max(0, 6 - number.count))
    let before = text.utf8.prefix(place.column - 1)
    // Tabs stay tabs, so that the mark stands below the code.
    let indent = String(decoding: before.map { $0 == 0x09 ? 0x09 : 0x20 }, as: UTF8.self)
    let end = place.endLine == place.line ? place.endColumn : text.utf8.count + 1
    let width = max(1, min(end, text.utf8.count + 1) - place.column)
    let mark = "^" + String(repeating: "~", count: width - 1)
    return ["\(gutter)\(number) | \(text)", "       | \(indent)\(mark)"]
  }

  static func summary(_ report: ScanReport) -> String {
    let active = report.active
    let counts = Severity.allCases.reversed().compactMap { severity -> String? in
      let count = active.filter { $0.severity == severity }.count
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    let suppressed = report.findings.count - active.count
    var text = active.isEmpty ? "no findings" : counts.joined(separator: ", ")
    if suppressed > 0 { text += "; \(suppressed) suppressed" }
    if !report.problems.isEmpty {
      text += "; \(report.problems.count) problem\(report.problems.count == 1 ? "" : "s")"
    }
    let (files, lines) = (report.sources.count, report.lineCount)
    return "access-audit: \(text) in \(files) file\(files == 1 ? "" : "s"), \(lines) line\(lines == 1 ? "" : "s")"
  }
}

#endif
