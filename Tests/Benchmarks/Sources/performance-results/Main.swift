// SPDX-License-Identifier: Apache-2.0
//
// The command: reads the output of the programs, judges the goals, writes the page, the numbers and
// the charts; or prints the short table.

import Foundation

@main
enum Main {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else {
      let usage = """
        usage: performance-results LINES-FOLDER DOCUMENTATION-CATALOGUE
               performance-results short LINES-FOLDER | access-cost.json

        """
      FileHandle.standardError.write(Data(usage.utf8))
      exit(64)
    }
    if arguments[1] == "short" { return print(ShortTable(results: try results(arguments[2])).render()) }
    let catalogue = URL(fileURLWithPath: arguments[2], isDirectory: true)
    let resources = catalogue.appendingPathComponent("Resources", isDirectory: true)
    try FileManager.default.createDirectory(at: resources, withIntermediateDirectories: true)
    var results = try Results(
      folder: URL(fileURLWithPath: arguments[1], isDirectory: true), surroundings: surroundings())
    results.targets = TargetJudge(results: results).targets()

    let page = catalogue.appendingPathComponent("MeasuredResults.md")
    let text = Page(results: results, recall: recall(of: page)).render()
    try Data(text.utf8).write(to: page)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try encoder.encode(results).write(to: resources.appendingPathComponent("access-cost.json"))
    for chart in Charts(results: results).render() {
      try Data(chart.svg.utf8).write(to: resources.appendingPathComponent("\(chart.name).svg"))
    }
    for target in results.targets {
      print("\(target.isReached ? "reached" : "MISSED "): \(target.name): \(target.measured), wanted \(target.wanted)")
    }
    if results.unrest > Results.mostUnrest {
      print("the machine did other work: the middle round took \(two(results.unrest)) times the fastest")
    }
    print(
      "\(results.targets.filter(\.isReached).count) of \(results.targets.count) goals reached; written: \(page.path)")
  }

  /// The results of a folder of lines, or of a file that an earlier run has written.
  private static func results(_ path: String) throws -> Results {
    let place = URL(fileURLWithPath: path)
    if place.pathExtension == "json" {
      return try JSONDecoder().decode(Results.self, from: Data(contentsOf: place))
    }
    return try Results(folder: place, surroundings: surroundings())
  }

  /// The recall section of an existing page.
  private static func recall(of page: URL) -> String {
    let none = "(not measured yet)"
    guard let text = try? String(contentsOf: page, encoding: .utf8),
      let begin = text.range(of: Page.recallBegin + "\n"),
      let end = text.range(of: "\n" + Page.recallEnd, range: begin.upperBound..<text.endIndex)
    else { return none }
    return String(text[begin.upperBound..<end.lowerBound])
  }

  /// The machine and the toolchain, from the script's environment and from the kernel.
  private static func surroundings() -> Surroundings {
    let environment = ProcessInfo.processInfo.environment
    func file(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
    let processor = file("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }?
      .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    let system = file("/etc/os-release").split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
      .map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\""]) }
    return Surroundings(
      date: ISO8601DateFormatter().string(from: Date()), commit: environment["PERFORMANCE_COMMIT"] ?? "unknown",
      processor: processor ?? "unknown processor", cores: ProcessInfo.processInfo.activeProcessorCount,
      memoryGiB: Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30), system: system ?? "Linux",
      swift: environment["PERFORMANCE_SWIFT"] ?? "unknown toolchain", go: environment["PERFORMANCE_GO"],
      quick: environment["PERFORMANCE_QUICK"] != nil, loadBefore: environment["PERFORMANCE_LOAD"] ?? "unknown",
      seconds: environment["PERFORMANCE_SECONDS"].flatMap(Double.init) ?? 0)
  }
}
