// SPDX-License-Identifier: Apache-2.0
//
// Merged violations as text, as JSON and as workflow annotations. Formats; looks nothing up.

#if REPORTS && canImport(Glibc)

package import AccessReports
internal import AccessTerms

/// The forms that reports are shown in.
package enum ReportForm: String, CaseIterable, Sendable {
  case text
  case json
  case html
  case trace
  case sarif
  case github

  /// The violations in this form. `known` are those of a baseline, which only SARIF mentions.
  package func render(
    _ violations: [MergedViolation], known: [MergedViolation] = [], settings: RenderSettings = RenderSettings()
  ) -> String {
    switch self {
    case .text: MergedText.render(violations, settings)
    case .json: MergedJSON.render(violations)
    case .html: HTMLPage.render(violations, settings)
    case .trace: TraceRenderer.render(violations)
    case .sarif: SARIFRenderer.render(violations, known: known, settings)
    case .github: GitHubAnnotations.render(violations, settings)
    }
  }
}

/// What the forms have in common.
package struct RenderSettings: Sendable {
  /// The folder that paths in SARIF and annotations are relative to; empty for none.
  package var sourceRoot: String
  package var style: TextStyle

  package init(sourceRoot: String = "", style: TextStyle = TextStyle()) {
    self.sourceRoot = sourceRoot
    self.style = style
  }

  /// The path below the root, or `nil` when it lies elsewhere.
  package func relative(_ path: String) -> String? {
    let root = sourceRoot.hasSuffix("/") ? sourceRoot : sourceRoot + "/"
    guard !sourceRoot.isEmpty, path.hasPrefix(root), path.count > root.count else { return nil }
    return String(path.dropFirst(root.count))
  }
}

enum MergedText {
  static func render(_ violations: [MergedViolation], _ settings: RenderSettings) -> String {
    if violations.isEmpty { return "No violations.\n" }
    let renderer = TextRenderer(style: settings.style)
    let reports = violations.enumerated().map { index, merged in
      "Violation \(index + 1) of \(violations.count), \(times(merged)):\n" + renderer.render(merged.report)
    }
    return reports.joined(separator: "\n")
  }

  /// `seen 20 times in 3 processes`.
  static func times(_ merged: MergedViolation) -> String {
    let processes = merged.fleet?.processes ?? UInt64(merged.runs.count)
    return "seen \(Sentences.times(merged.timesSeen)) in \(Sentences.grouped(processes)) "
      + "process\(processes == 1 ? "" : "es")\(merged.fleet?.text ?? "")"
  }
}

package enum MergedJSON {
  static func render(_ violations: [MergedViolation]) -> String {
    JSONValue.object([
      ("schema", .string(MergedReports.schemaName)), ("violations", .array(violations.map(value))),
    ]).text() + "\n"
  }

  package static func value(_ merged: MergedViolation) -> JSONValue {
    .object([
      ("fingerprint", .string(merged.fingerprint)), ("timesSeen", .unsigned(merged.timesSeen)),
      ("runs", .array(merged.runs.map { .string($0) })), ("fleet", merged.fleet.map(fleet) ?? .null),
      ("report", JSONRenderer.value(merged.report)),
    ])
  }

  private static func fleet(_ fleet: Fleet) -> JSONValue {
    func parts(_ parts: [Fleet.Part]) -> JSONValue {
      .array(
        parts.map {
          .object([
            ("name", .string($0.name)), ("timesSeen", .unsigned($0.timesSeen)), ("first", .string($0.first)),
            ("last", .string($0.last)),
          ])
        })
    }
    return .object([
      ("hosts", parts(fleet.hosts)), ("builds", parts(fleet.builds)), ("processes", .unsigned(fleet.processes)),
      ("isLowerBound", .bool(fleet.isLowerBound)),
    ])
  }
}

enum GitHubAnnotations {
  /// A step shows this many errors; what comes after is dropped.
  static let shownLimit = 10

  static func render(_ violations: [MergedViolation], _ settings: RenderSettings) -> String {
    var lines: [String] = []
    if violations.count > shownLimit {
      lines.append(
        "::error title=AccessAudit::\(violations.count) violations; the first \(shownLimit - 1) are annotated here")
    }
    lines += violations.map { annotation($0, settings) }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  private static func annotation(_ merged: MergedViolation, _ settings: RenderSettings) -> String {
    var properties: [String] = []
    // An annotation without a file belongs to the step: what has no place in the sources still is
    // shown.
    if let frame = merged.report.accesses.compactMap(\.location).first(where: { $0.line != nil }),
      let file = frame.file, let line = frame.line
    {
      properties.append("file=\(property(settings.relative(file) ?? file))")
      properties.append("line=\(line)")
      if let column = frame.column, column > 0 { properties.append("col=\(column)") }
    }
    properties.append("title=\(property("AccessAudit: \(merged.report.message)"))")
    return "::error \(properties.joined(separator: ","))::\(message("\(merged.summary), \(MergedText.times(merged))"))"
  }

  private static func message(_ text: String) -> String {
    text.flatMap { character -> String in
      switch character {
      case "%": "%25"
      case "\r": "%0D"
      case "\n", "\r\n": "%0A"
      default: TextEscaping.printable(String(character))
      }
    }.map(String.init).joined()
  }

  private static func property(_ text: String) -> String {
    message(text).map { character in
      switch character {
      case ":": "%3A"
      case ",": "%2C"
      default: String(character)
      }
    }.joined()
  }
}

#endif
