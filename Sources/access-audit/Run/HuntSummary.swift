// SPDX-License-Identifier: Apache-2.0
//
// What is said of a hunt when it is over: the pairs that were confirmed, and the suspects. Values
// to lines; no side effect.

#if ReportTools && canImport(Glibc)
import AccessReports

enum HuntSummary {
  /// Suspects shown at most.
  private static let limit = 20

  static func lines(_ plan: HuntPlan) -> [String] {
    let open = openPairs(plan)
    guard !open.isEmpty else { return [] }
    var lines = [
      "suspects, no violations: pairs of accesses that came within 100 ms of each other, and were neither seen to overlap "
        + "nor found to be ordered:"
    ]
    for pair in open.prefix(limit) {
      let sites = zip(pair.sites, pair.names).map { site, name in
        "\(site.isWriting ? "write" : "read") (\(site.operation)) \(name.isEmpty ? place(site) : name)"
      }
      let gap = Double(pair.gapNanoseconds / 10_000) / 100
      lines.append("  \(sites.joined(separator: " and ")); within \(gap) ms, \(pair.holds) holds")
    }
    if open.count > limit { lines.append("  and \(open.count - limit) more") }
    return lines
  }

  /// The outcome of a hunt as JSON text: what was decided in numbers, what is open in full.
  static func json(_ plan: HuntPlan) -> String {
    JSONValue.object([
      ("schema", .string("access-audit-suspects/1")),
      ("confirmed", .integer(Int64(plan.count(.confirmed)))), ("ordered", .integer(Int64(plan.count(.ordered)))),
      ("suspects", suspects(plan)),
    ]).text() + "\n"
  }

  /// The open pairs, the nearest first.
  static func suspects(_ plan: HuntPlan) -> JSONValue {
    .array(
      openPairs(plan).map { pair in
        .object([
          ("gapNanoseconds", .unsigned(pair.gapNanoseconds)), ("timesNear", .unsigned(pair.times)),
          ("holds", .unsigned(pair.holds)),
          ("accesses", .array(zip(pair.sites, pair.names).map { access($0, $1) })),
        ])
      })
  }

  private static func openPairs(_ plan: HuntPlan) -> [HuntPlan.Pair] {
    plan.pairs.filter { $0.state == .open }.sorted { $0.gapNanoseconds < $1.gapNanoseconds }
  }

  private static func access(_ site: HuntPlan.Site, _ name: String) -> JSONValue {
    .object([
      ("operation", .string(site.operation)), ("writing", .bool(site.isWriting)),
      ("place", JSONValue(name.isEmpty ? nil : name)), ("image", .string(site.access.image)),
      ("buildID", .string(site.access.buildID)), ("offset", .string("0x\(String(site.access.offset, radix: 16))")),
    ])
  }

  private static func place(_ site: HuntPlan.Site) -> String {
    "\(site.access.image)+0x\(String(site.access.offset, radix: 16))"
  }
}
#endif
