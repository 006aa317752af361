// SPDX-License-Identifier: Apache-2.0
//
// The report as SARIF 2.1.0 (the OASIS standard), with the additional fields that GitHub's code
// scanning requires.

#if Scanner

/// Renders SARIF.
enum SARIFReport {
  static let schema = "https://json.schemastore.org/sarif-2.1.0.json"

  private struct Log: Encodable {
    var version = "2.1.0"
    var schema = SARIFReport.schema
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
      case version
      case schema = "$schema"
      case runs
    }
  }

  private struct Run: Encodable {
    var tool: Tool
    var columnKind = "utf16CodeUnits"
    var originalUriBaseIds = ["SRCROOT": Description(description: Text(text: "The root of the scan"))]
    var results: [Result]
    var invocations: [Invocation]
  }

  private struct Tool: Encodable { var driver: Driver }

  private struct Driver: Encodable {
    var name = "access-audit"
    var rules: [RuleItem]
  }

  private struct RuleItem: Encodable {
    var id: String
    var shortDescription: Text
    var fullDescription: Text
    var help: Text
    var defaultConfiguration: Level
    var properties = ["tags": ["concurrency", "data-race"]]
  }

  private struct Level: Encodable { var level: String }
  private struct Text: Encodable { var text: String }
  private struct Description: Encodable { var description: Text }

  private struct Result: Encodable {
    var ruleId: String
    var ruleIndex: Int
    var level: String
    var message: Text
    var locations: [Location]
    var relatedLocations: [Location]
    var partialFingerprints: [String: String]
    var suppressions: [SuppressionItem]?
  }

  private struct SuppressionItem: Encodable {
    var kind: String
    var justification: String?
  }

  private struct Location: Encodable {
    var id: Int?
    var physicalLocation: Physical
    var message: Text?
  }

  private struct Physical: Encodable {
    var artifactLocation: Artifact
    var region: Region
  }

  private struct Artifact: Encodable {
    var uri: String
    var uriBaseId = "SRCROOT"
  }

  private struct Region: Encodable {
    var startLine: Int
    var startColumn: Int
    var endLine: Int
    var endColumn: Int
    var snippet: Text?
  }

  private struct Invocation: Encodable {
    var executionSuccessful = true
    var toolExecutionNotifications: [Notification]
  }

  private struct Notification: Encodable {
    var level = "warning"
    var message: Text
    var locations: [Location]
  }

  static func render(_ report: ScanReport) -> String {
    let sources = Dictionary(report.sources.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    let rules = RuleTable.descriptors
    let indexes = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1.id, $0) })
    let driver = Driver(
      rules: rules.map { rule in
        RuleItem(
          id: rule.id, shortDescription: Text(text: rule.summary), fullDescription: Text(text: rule.rationale),
          help: Text(text: "\(rule.rationale)\n\nLimits: \(rule.limits)"),
          defaultConfiguration: Level(level: rule.severity.rawValue))
      })
    let results = report.findings.map { finding in
      Result(
        ruleId: finding.rule, ruleIndex: indexes[finding.rule] ?? 0, level: finding.severity.rawValue,
        message: Text(text: finding.message), locations: [location(finding.place, nil, nil, sources)],
        relatedLocations: finding.related.enumerated().map { location($1.place, $1.label, $0 + 1, sources) },
        partialFingerprints: ["primaryLocationLineHash": finding.fingerprint],
        suppressions: suppressions(finding.suppression))
    }
    let notifications = report.problems.map {
      Notification(message: Text(text: $0.message), locations: [location($0.place, nil, nil, sources)])
    }
    let run = Run(
      tool: Tool(driver: driver), results: results,
      invocations: [Invocation(toolExecutionNotifications: notifications)])
    return StableJSON.encode(Log(runs: [run])) + "\n"
  }

  private static func suppressions(_ suppression: Suppression?) -> [SuppressionItem]? {
    switch suppression {
    case .inSource(let reason): [SuppressionItem(kind: "inSource", justification: reason)]
    case .baseline: [SuppressionItem(kind: "external", justification: "in the baseline")]
    case nil: nil
    }
  }

  private static func location(
    _ place: SourcePlace, _ label: String?, _ id: Int?, _ sources: [String: SourceText]
  ) -> Location {
    let source = sources[place.path]
    let start = column(place.column, source?.line(place.line))
    var end = column(place.endColumn, source?.line(place.endLine))
    if place.line == place.endLine, end <= start { end = start + 1 }
    let region = Region(
      startLine: place.line, startColumn: start, endLine: place.endLine, endColumn: end,
      snippet: source.map { Text(text: $0.line(place.line)) })
    return Location(
      id: id, physicalLocation: Physical(artifactLocation: Artifact(uri: uri(place.path)), region: region),
      message: label.map { Text(text: $0) })
  }

  /// SARIF counts UTF-16 code units.
  private static func column(_ utf8Column: Int, _ line: String?) -> Int {
    guard let line else { return utf8Column }
    return String(decoding: line.utf8.prefix(utf8Column - 1), as: UTF8.self).utf16.count + 1
  }

  /// A relative URI reference; characters that are not allowed in one are escaped.
  private static func uri(_ path: String) -> String {
    var result = ""
    for byte in path.utf8 {
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "-._~/+@!$&'()*,;=".utf8.contains(byte)
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}

#endif
