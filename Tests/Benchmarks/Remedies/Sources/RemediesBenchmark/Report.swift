// SPDX-License-Identifier: Apache-2.0
//
// The files of results.

import ArgumentParser
import Foundation

/// Results on disk.
enum Report {
  /// New, empty results.
  static func begin(_ measurements: Measurements, _ go: String?) -> Results {
    Results(
      machine: machine(), cores: ProcessInfo.processInfo.activeProcessorCount, swift: swiftVersion(), go: go,
      clockNanoseconds: Measurements.clockCost(), secondsPerCell: measurements.secondsPerCell,
      rounds: measurements.rounds)
  }

  /// The results that an earlier run has stored in a file.
  static func earlier(_ file: String) throws -> Results {
    let results = try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    guard results.schema == Results.currentSchema else {
      throw ValidationError("\(file) has results of another kind of run")
    }
    return results
  }

  static func encoded(_ results: Results) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(results)
  }

  /// Writes the tables and the charts.
  static func write(_ results: Results, to folder: URL) throws {
    try Data(MarkdownTable.render(results).utf8).write(to: folder.appendingPathComponent("MeasuredResults.md"))
    try Data(MarkdownTable.renderCSV(results).utf8).write(to: folder.appendingPathComponent("remedies.csv"))
    for (panel, cells) in Dictionary(grouping: results.cells, by: \.circumstances.panel) {
      let chosen = panel.distribution == .uniform ? "" : "-\(panel.distribution.rawValue)"
      let name = "\(panel.keys)-\(panel.keyKind.rawValue)\(chosen).svg"
      let title = "\(panel.keys) \(panel.keyKind.rawValue) keys, \(panel.distribution.rawValue)"
      let throughput = Chart(
        title: "Operations a second, \(title)", unit: "op/s", cells: cells, number: \.operationsPerSecond)
      let latency = Chart(
        title: "99.9th percentile of one operation, \(title)", unit: "ns", cells: cells, number: \.p999Nanoseconds)
      try Data(throughput.render().utf8).write(to: folder.appendingPathComponent("remedies-throughput-\(name)"))
      try Data(latency.render().utf8).write(to: folder.appendingPathComponent("remedies-p999-\(name)"))
    }
    print("results in \(folder.path)")
  }

  private static func machine() -> String {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
  }

  /// The load average of the last minute, which shows the machine's other work.
  static func load() -> String {
    let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
    return text.split(separator: " ").first.map(String.init) ?? "unknown"
  }

  private static func swiftVersion() -> String {
    #if swift(>=6.4)
    "Swift 6.4 or newer"
    #elseif swift(>=6.3)
    "Swift 6.3"
    #else
    "Swift 6.2 or older"
    #endif
  }
}
