// SPDX-License-Identifier: Apache-2.0
//
// The totals in Prometheus's text format, version 0.0.4. Formats; serves nothing. No label has
// values without bound.

#if AUDITED && canImport(Glibc)

internal import AccessTerms

extension AuditTotals {
  /// The content type to serve ``prometheusText`` with.
  public static var prometheusContentType: String { "text/plain; version=0.0.4; charset=utf-8" }

  /// The totals as a page for Prometheus to scrape.
  public var prometheusText: String {
    var page = PrometheusPage()
    page.family(
      "access_audit_violations_total", .counter, "Overlapping accesses seen, repeated and suppressed ones included.",
      ViolationKind.allCases.map { (["kind": $0.rawValue], String(violations[$0] ?? 0)) })
    page.family(
      "access_audit_reports_total", .counter, "Distinct violations, by what became of them.",
      [(["outcome": "reported"], String(reported)), (["outcome": "suppressed"], String(suppressed))])
    page.family(
      "access_audit_accesses_total", .counter, "Accesses recorded and counted.",
      [(["access": "read"], String(reads)), (["access": "write"], String(writes))])
    page.family(
      "access_audit_records_lost_total", .counter, "Accesses that were checked but not counted.",
      [([:], String(recordsLost))])
    page.family(
      "access_audit_stacks_lost_total", .counter, "Call stacks that could not be kept.", [([:], String(stacksLost))])
    page.family(
      "access_audit_collections_total", .counter, "Collections seen.", [([:], String(collections))])
    page.family(
      "access_audit_detector_lag_seconds", .gauge, "Seconds since the detector last finished a round.",
      [([:], String(detectorLagSeconds))])
    page.family(
      "access_audit_enabled", .gauge, "Whether accesses are being audited: 1 or 0.", [([:], isEnabled ? "1" : "0")])
    return page.text
  }
}

/// A page of metric families.
struct PrometheusPage {
  enum Kind: String {
    case counter
    case gauge
  }

  private(set) var text = ""

  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: [String: String], value: String)]
  ) {
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.sorted { $0.key < $1.key }
        .map { "\($0.key)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
      text += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
    }
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.append(character)
      }
    }
    return result
  }
}

#endif
