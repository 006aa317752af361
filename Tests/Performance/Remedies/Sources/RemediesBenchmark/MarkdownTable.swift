// SPDX-License-Identifier: Apache-2.0
//
// Results as Markdown and as CSV. Pure functions of a run.

/// Renders results for reading.
enum MarkdownTable {
  static func render(_ results: Results) -> String {
    var lines = [
      "# Measured results", "", "What `bash Tests/Performance/remedies` printed on one machine.", "", "## The run", "",
      """
      \(results.machine), \(results.cores) cores, \(results.swift)\(results.go.map { ", \($0)" } ?? ""). Measured in parts: \
      \(zip(results.dates, results.loads).map { "\($0), load average of the minute before \($1)" }.joined(separator: "; ")).\
      \(results.remark.map { " \($0)" } ?? "")
      """, "",
      """
      Each cell is the median of \(results.rounds) rounds of \(results.secondsPerCell) s (of fewer for those without a target), and the rounds of \
      all who are compared stand side by side. Latencies are of one operation in 64 and contain \(rounded(results.clockNanoseconds)) ns \
      of the clock's own.
      """, "", "## Targets", "",
      """
      A row is judged by the median, over the rounds, of our throughput by theirs in the same round: ahead from 1, \
      within the tolerance from \(1 - TargetJudge.tolerance).
      """, "", "| target | wanted | measured | reached |", "|---|---|---|---|",
    ]
    let judge = TargetJudge(results.comparisons)
    for target in judge.targets() {
      lines.append("| \(target.name) | \(target.wanted) | \(target.measured) | \(target.isReached ? "yes" : "no") |")
    }
    lines += behind(judge)
    let groups = Dictionary(grouping: results.cells) { cell in
      Circumstances(
        readPercent: cell.circumstances.readPercent, threads: 0, keys: cell.circumstances.keys,
        distribution: cell.circumstances.distribution)
    }
    for group in groups.keys.sorted(by: { key($0) < key($1) }) {
      let cells = groups[group] ?? []
      let threads = Set(cells.map(\.circumstances.threads)).sorted()
      lines += [
        "", "## \(group.readPercent) % reads, \(group.keys) keys, \(group.distribution.rawValue)", "",
        "Nanoseconds an operation (elapsed time by all threads' operations); p50 / p99 / p99.9 of one operation in nanoseconds.",
        "", "| | " + threads.map { $0 == 1 ? "1 thread" : "\($0) threads" }.joined(separator: " | ") + " |",
        "|---|" + threads.map { _ in "---|" }.joined(),
      ]
      for subject in subjectOrder(cells) {
        let row = threads.map { threads in
          cells.first { $0.subject == subject && $0.circumstances.threads == threads }.map(text) ?? ""
        }
        lines.append("| \(subject) | " + row.joined(separator: " | ") + " |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Every row in which Go was ahead by more than the tolerance.
  private static func behind(_ judge: TargetJudge) -> [String] {
    guard !judge.behind.isEmpty else { return [] }
    return [
      "", "### Rows behind", "", "| | by | keys | chosen | reads | threads | median of the ratios | least and most |",
      "|---|---|---|---|---|---|---|---|",
    ]
      + judge.behind.map { row in
        let circumstances = row.circumstances
        return """
          | \(row.ours) | \(row.theirs) | \(circumstances.keys) | \(circumstances.distribution.rawValue) | \
          \(circumstances.readPercent) % | \(circumstances.threads) | \(rounded(row.median)) | \
          \(rounded(row.ratios[0])) to \(rounded(row.ratios[row.ratios.count - 1])) |
          """
      }
  }

  private static func key(_ circumstances: Circumstances) -> String {
    "\(circumstances.keys + 10_000_000) \(circumstances.distribution == .uniform ? 0 : 1) \(circumstances.readPercent + 1000)"
  }

  private static func text(_ cell: Cell) -> String {
    "**\(rounded(cell.nanosecondsPerOperation))**; \(rounded(cell.p50Nanoseconds)) / \(rounded(cell.p99Nanoseconds)) / \(rounded(cell.p999Nanoseconds))"
  }

  /// The subjects in the order in which they were measured.
  static func subjectOrder(_ cells: [Cell]) -> [String] {
    var seen: Set<String> = []
    return cells.map(\.subject).filter { seen.insert($0).inserted }
  }

  static func renderCSV(_ results: Results) -> String {
    var lines = [
      "subject,read_percent,threads,keys,distribution,operations,operations_per_second,ns_per_operation,p50_ns,p99_ns,p999_ns"
    ]
    for cell in results.cells {
      let circumstances = cell.circumstances
      lines.append(
        """
        \"\(cell.subject)\",\(circumstances.readPercent),\(circumstances.threads),\(circumstances.keys),\
        \(circumstances.distribution.rawValue),\(cell.operations),\(Int(cell.operationsPerSecond)),\
        \(rounded(cell.nanosecondsPerOperation)),\(Int(cell.p50Nanoseconds)),\(Int(cell.p99Nanoseconds)),\
        \(Int(cell.p999Nanoseconds))
        """)
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
