// SPDX-License-Identifier: Apache-2.0
//
// A report of traffic as text, JSON and CSV. Formats; adds nothing up.

#if REPORTS && canImport(Glibc)

internal import AccessTerms
internal import Foundation

extension TrafficReport {
  /// For people at a terminal: a table, then the details of each declaration.
  package var text: String {
    var lines: [String] = []
    let from = executable.map { " of '\(TextEscaping.printable($0))'" } ?? ""
    let sampled = sampling > 1 ? ", one in \(Numbers.grouped(sampling))" : ""
    lines.append(
      "\(Numbers.grouped(accesses)) accesses\(sampled)\(from) in \(Numbers.fixed(seconds, 3)) s; "
        + "\(Numbers.grouped(lost)) lost")
    lines += problems.map { "warning: \($0)" }
    lines.append("")
    lines += Self.table(groups)
    if others > 0 { lines.append("\(Numbers.grouped(others)) accesses to further collections") }
    for group in groups { lines += [""] + Self.details(group) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func table(_ groups: [Group]) -> [String] {
    let head = ["collection", "accesses", "reads", "busiest", "threads", "keys", "size", "p50", "p99", "conflicts"]
    let rows = groups.map { group in
      [
        String(TextEscaping.printable(group.name).prefix(40)), Numbers.grouped(group.accesses),
        Numbers.percent(group.readShare), Numbers.rate(group.peakPerSecond), Numbers.grouped(group.threads.count),
        group.accessesByKey > 0 ? Numbers.grouped(group.distinctKeys) : "-", Numbers.grouped(group.largestSize),
        Numbers.duration(nanoseconds: Double(group.allDurations(0.5))),
        Numbers.duration(nanoseconds: Double(group.allDurations(0.99))),
        Numbers.grouped(group.contention.overlappingWrites + group.contention.nearWrites),
      ]
    }
    return Table.aligned([head] + rows)
  }

  private static func details(_ group: Group) -> [String] {
    func top(_ entries: [(String, UInt64)]) -> String {
      let shown = entries.prefix(5).map {
        "\(TextEscaping.printable($0.0)) \(Numbers.percent($0.1, of: group.accesses))"
      }
      return shown.joined(separator: ", ") + (entries.count > 5 ? ", \(entries.count - 5) more" : "")
    }
    var lines = ["\(TextEscaping.printable(group.name)): \(group.kind) \(TextEscaping.printable(group.type))"]
    lines.append("  collections: \(Numbers.grouped(group.collections)), largest \(Numbers.grouped(group.largestSize))")
    lines.append("  operations: \(top(group.operations.map { ($0.name, $0.accesses) }))")
    lines.append("  threads: \(top(group.threads.map { (String($0.id), $0.reads + $0.writes) }))")
    lines.append("  sites: \(top(group.sites.map { ($0.place, $0.reads + $0.writes) }))")
    if !group.hotKeys.isEmpty { lines.append("  hot keys: \(top(group.hotKeys.map { ($0.hash, $0.accesses) }))") }
    if group.keyLifetimes.count > 0 {
      lines.append(
        "  from insert to removal: median "
          + Numbers.duration(nanoseconds: Double(group.keyLifetimes.quantile(0.5))) + ", p99 "
          + Numbers.duration(nanoseconds: Double(group.keyLifetimes.quantile(0.99))))
    }
    for (name, spread) in [("reads", group.readDurations), ("writes", group.writeDurations)] where spread.count > 0 {
      let quantiles = [0.5, 0.9, 0.99, 0.999].map { Numbers.duration(nanoseconds: Double(spread.quantile($0))) }
      lines.append("  duration of \(name) at 50, 90, 99, 99.9 %: \(quantiles.joined(separator: ", "))")
    }
    let contention = group.contention
    lines.append(
      "  accesses of two threads in a row: \(Numbers.grouped(contention.changes)); overlapping "
        + "\(Numbers.grouped(contention.overlapping)) (\(Numbers.grouped(contention.overlappingWrites)) with a write), "
        + "within 10 µs \(Numbers.grouped(contention.near)) (\(Numbers.grouped(contention.nearWrites)) with a write)")
    return lines
  }

  /// The whole report.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Numbers that are none cannot come: every division has been looked at.
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
  }

  /// A row for each declaration.
  package var csv: String {
    let head = [
      "name", "label", "declaration", "type", "kind", "collections", "reads", "writes", "read_share", "seconds",
      "per_second", "peak_per_second", "threads", "tasks", "distinct_keys", "largest_size", "read_p50_ns",
      "read_p99_ns",
      "write_p50_ns", "write_p99_ns", "key_lifetime_p50_ns", "overlapping", "overlapping_writes", "near", "near_writes",
    ]
    let rows = groups.map { group -> [String] in
      var row = [group.name, group.label ?? "", group.declaration ?? "", group.type, group.kind]
      row += [
        "\(group.collections)", "\(group.reads)", "\(group.writes)", Numbers.fixed(group.readShare, 4),
        Numbers.fixed(group.seconds, 6), Numbers.fixed(group.perSecond), Numbers.fixed(group.peakPerSecond),
        "\(group.threads.count)", "\(group.tasks)", "\(group.distinctKeys)", "\(group.largestSize)",
      ]
      row += [group.readDurations, group.writeDurations].flatMap { ["\($0.quantile(0.5))", "\($0.quantile(0.99))"] }
      let contention = group.contention
      row += [
        "\(group.keyLifetimes.quantile(0.5))", "\(contention.overlapping)", "\(contention.overlappingWrites)",
        "\(contention.near)", "\(contention.nearWrites)",
      ]
      return row
    }
    return Table.commaSeparated([head] + rows)
  }
}

extension TrafficReport.Group {
  /// A quantile of the durations of all accesses.
  func allDurations(_ share: Double) -> UInt64 { readDurations.merged(writeDurations).quantile(share) }
}

extension Numbers {
  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    percent(whole == 0 ? 0 : Double(part) / Double(whole))
  }
}

#endif
