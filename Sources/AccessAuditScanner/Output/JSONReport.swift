// SPDX-License-Identifier: Apache-2.0
//
// The report as JSON in this package's own format; keys are only ever added.

#if Scanner

/// Renders JSON.
enum JSONReport {
  private struct Document: Encodable {
    var schema = "access-audit-scan/1"
    var files: Int
    var lines: Int
    var findings: [Item]
    var problems: [SourceProblem]
  }

  private struct Item: Encodable {
    var rule: String
    var severity: String
    var message: String
    var symbol: String
    var function: String
    var place: SourcePlace
    var related: [RelatedPlace]
    var fingerprint: String
    var suppressed: String?
    var reason: String?
  }

  static func render(_ report: ScanReport) -> String {
    let items = report.findings.map { finding -> Item in
      var item = Item(
        rule: finding.rule, severity: finding.severity.rawValue, message: finding.message, symbol: finding.symbol,
        function: finding.function, place: finding.place, related: finding.related, fingerprint: finding.fingerprint)
      switch finding.suppression {
      case .inSource(let reason):
        item.suppressed = "comment"
        item.reason = reason
      case .baseline: item.suppressed = "baseline"
      case nil: break
      }
      return item
    }
    let document = Document(
      files: report.sources.count, lines: report.lineCount, findings: items, problems: report.problems)
    return StableJSON.encode(document) + "\n"
  }
}

#endif
