// SPDX-License-Identifier: Apache-2.0
//
// The totals in Prometheus's text format, version 0.0.4. Formats; serves nothing. The values of
// `race` are bounded by the option `max_reports`, those of the other labels are fixed.

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
      "access_audit_races", .gauge,
      "Distinct violations reported, by a name of the race that is the same in other builds.",
      races.sorted { $0.key < $1.key }.map { (["race": $0.key], String($0.value)) })
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
      "access_audit_detector_running", .gauge, "Whether the detector's thread is there: 1 or 0.",
      [([:], detectorIsRunning ? "1" : "0")])
    page.family(
      "access_audit_suspects", .gauge, "Pairs of call sites that hunting has not decided.", [([:], String(suspects))])
    page.family(
      "access_audit_duty_ratio", .gauge, "The share of time in which accesses are audited, as configured; 0: never.",
      [([:], String(dutyRatio))])
    page.family(
      "access_audit_enabled", .gauge, "Whether accesses are being audited at this moment: 1 or 0.",
      [([:], isEnabled ? "1" : "0")])
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
