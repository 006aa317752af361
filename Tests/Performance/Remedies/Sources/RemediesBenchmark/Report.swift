// SPDX-License-Identifier: Apache-2.0
//
// The files of results: reads those of earlier parts, writes what is for reading.

import ArgumentParser
import Foundation

/// Results on disk.
enum Report {
  /// What earlier runs have left in the file, or the beginnings of new results.
  static func earlier(_ file: String?, _ measurements: Measurements, _ go: String?) throws -> Results {
    if let file, FileManager.default.fileExists(atPath: file) {
      let results = try JSONDecoder().decode(Results.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
      guard results.schema == Results.currentSchema, results.rounds == measurements.rounds, results.go == go,
        results.secondsPerCell == measurements.secondsPerCell
      else { throw ValidationError("\(file) has results of another kind of run; remove it first") }
      return results
    }
    return Results(
      machine: machine(), cores: ProcessInfo.processInfo.activeProcessorCount, swift: swiftVersion(), go: go,
      clockNanoseconds: Measurements.clockCost(), secondsPerCell: measurements.secondsPerCell,
      rounds: measurements.rounds)
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
    for (circumstances, cells) in Dictionary(grouping: results.cells, by: { PanelKey($0.circumstances) }) {
      let name = "\(circumstances.keys)-\(circumstances.distribution.rawValue).svg"
      let title = "\(circumstances.keys) keys, \(circumstances.distribution.rawValue)"
      let throughput = Chart(
        title: "Operations a second, \(title)", unit: "op/s", cells: cells, number: \.operationsPerSecond)
      let latency = Chart(
        title: "99th percentile of one operation, \(title)", unit: "ns", cells: cells, number: \.p99Nanoseconds)
      try Data(throughput.render().utf8).write(to: folder.appendingPathComponent("remedies-throughput-\(name)"))
      try Data(latency.render().utf8).write(to: folder.appendingPathComponent("remedies-p99-\(name)"))
    }
    print("results in \(folder.path)")
  }

  private struct PanelKey: Hashable {
    var keys: Int
    var distribution: Distribution

    init(_ circumstances: Circumstances) {
      keys = circumstances.keys
      distribution = circumstances.distribution
    }
  }

  private static func machine() -> String {
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
  }

  /// The load average of the last minute, which tells how much other work the machine had.
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
