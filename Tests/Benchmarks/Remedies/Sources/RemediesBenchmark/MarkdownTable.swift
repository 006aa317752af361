// SPDX-License-Identifier: Apache-2.0
//
// Results as Markdown and as CSV. Pure functions of a run.

/// Renders results for reading.
enum MarkdownTable {
  static func render(_ results: Results) -> String {
    var lines = [
      "# Measured results", "", "What `bash Tests/Benchmarks/remedies` printed on one machine.", "", "## The run", "",
      """
      \(results.machine), \(results.cores) cores, \(results.swift)\(results.go.map { ", \($0)" } ?? ""). Measured at \
      \(zip(results.dates, results.loads).map { "\($0), load average of the minute before \($1)" }.joined(separator: "; ")).\
      \(results.remark.map { " \($0)" } ?? "")
      """, "",
      """
      Each number is the median of \(results.rounds) rounds of \(results.secondsPerCell) s, and the rounds of all who are compared stand side \
      by side. Latencies are of one operation in 64 and contain \(rounded(results.clockNanoseconds)) ns of the clock's own. String keys \
      are short enough to need no allocation of their own.
      """, "", "## Targets", "",
      """
      Throughput counts as level within \(Int(TargetJudge.tolerance * 100)) %. The peers, for p99.9, are those that \
      threads use: \(TargetJudge.peers.joined(separator: ", ")). Go's routines, of which no more run at a time than there are cores, do not wait for \
      a core in the middle of an operation.
      """, "", "| target | wanted | measured | reached |", "|---|---|---|---|",
    ]
    let judge = TargetJudge(results)
    for target in judge.targets() {
      lines.append("| \(target.name) | \(target.wanted) | \(target.measured) | \(target.isReached ? "yes" : "no") |")
    }
    lines += missed(judge) + waits(results) + footprints(results)
    let groups = Dictionary(grouping: results.cells) { cell in
      var group = cell.circumstances
      group.threads = 0
      return group
    }
    for group in groups.keys.sorted(by: { key($0) < key($1) }) {
      let cells = groups[group] ?? []
      let threads = Set(cells.map(\.circumstances.threads)).sorted()
      lines += [
        "",
        "## \(group.readPercent) % reads, \(group.keys) \(group.keyKind.rawValue) keys, \(group.distribution.rawValue)",
        "",
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

  /// Every row in which a goal was missed.
  private static func missed(_ judge: TargetJudge) -> [String] {
    guard !judge.missed.isEmpty else { return [] }
    return [
      "", "### Rows missed", "", "| | goal | against | keys | chosen | reads | threads | times as good |",
      "|---|---|---|---|---|---|---|---|",
    ]
      + judge.missed.map { goal, row in
        let circumstances = row.circumstances
        return """
          | \(row.subject) | \(goal) | \(row.peer) | \(circumstances.keys) \(circumstances.keyKind.rawValue) | \
          \(circumstances.distribution.rawValue) | \(circumstances.readPercent) % | \(circumstances.threads) | \
          \(rounded(row.ratio)) |
          """
      }
  }

  private static func waits(_ results: Results) -> [String] {
    var lines: [String] = []
    for situation in Waits.Situation.allCases {
      let waits = results.waits.filter { $0.situation == situation.rawValue }
      if waits.isEmpty { continue }
      lines += [
        "", "## Waits: \(situation.rawValue)", "", "| | writes a second | p99.9 of a write | longest write |",
        "|---|---|---|---|",
      ]
      for wait in waits {
        lines.append(
          """
          | \(wait.subject) | \(rounded(wait.operationsPerSecond)) | \(rounded(wait.p999Nanoseconds / 1e3)) µs | \
          \(rounded(wait.longestNanoseconds / 1e6)) ms |
          """)
      }
    }
    return lines
  }

  private static func footprints(_ results: Results) -> [String] {
    if results.footprints.isEmpty { return [] }
    return [
      "", "## Memory and construction", "",
      """
      Bytes are those that `malloc` has given out. A dictionary is made of the elements of another one, one after the other. The last column: one \
      operation on a single key, then one use of the whole under the lock that changes one element.
      """, "", "| | keys | bytes an element | made in | single key, then the whole |", "|---|---|---|---|---|",
    ]
      + results.footprints.map { footprint in
        """
        | \(footprint.subject) | \(footprint.keys) \(footprint.keyKind.rawValue) | \(rounded(footprint.bytesPerElement)) | \
        \(rounded(footprint.buildMilliseconds)) ms | \(footprint.exclusiveNanoseconds.map { "\(rounded($0)) ns" } ?? "") |
        """
      }
  }

  private static func key(_ circumstances: Circumstances) -> String {
    """
    \(circumstances.keyKind.rawValue) \(circumstances.keys + 10_000_000) \(circumstances.distribution == .uniform ? 0 : 1) \
    \(circumstances.readPercent + 1000)
    """
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
      "subject,read_percent,threads,key_type,keys,distribution,operations,operations_per_second,ns_per_operation,p50_ns,p99_ns,p999_ns"
    ]
    for cell in results.cells {
      let circumstances = cell.circumstances
      lines.append(
        """
        \"\(cell.subject)\",\(circumstances.readPercent),\(circumstances.threads),\
        \(circumstances.keyKind.rawValue),\(circumstances.keys),\
        \(circumstances.distribution.rawValue),\(cell.operations),\(Int(cell.operationsPerSecond)),\
        \(rounded(cell.nanosecondsPerOperation)),\(Int(cell.p50Nanoseconds)),\(Int(cell.p99Nanoseconds)),\
        \(Int(cell.p999Nanoseconds))
        """)
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
