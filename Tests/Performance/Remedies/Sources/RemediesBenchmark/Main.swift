// SPDX-License-Identifier: Apache-2.0
//
// The command: measures, adds Go's cells if there are any, judges the targets, writes the files.

import ArgumentParser
import Foundation

@main
struct RemediesBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the dictionaries of ConcurrentCollections beside what one would use without them.")

  @Flag(help: "Few circumstances and short cells: whether everything runs, not numbers to quote.")
  var quick = false

  @Option(help: "The folder the results are written to.")
  var output: String

  @Option(help: "A file that keeps the results from one run to the next, for a run in parts.")
  var state: String?

  @Flag(help: "Measures nothing; writes tables and charts of what the state file has.")
  var onlyWrite = false

  @Option(help: "A sentence about the run, to stand with the results.")
  var remark: String?

  @Option(help: "The program of Go's side; left out when there is no Go toolchain.")
  var goProgram: String?

  @Option(help: "The version of the Go toolchain.")
  var goVersion: String?

  @Option(parsing: .upToNextOption, help: "The numbers of keys.")
  var keys: [Int] = []

  @Option(parsing: .upToNextOption, help: "How keys are chosen: uniform, skewed.")
  var distributions: [Distribution] = []

  @Option(parsing: .upToNextOption, help: "The read shares in percent.")
  var reads: [Int] = []

  @Option(parsing: .upToNextOption, help: "The numbers of threads.")
  var threads: [Int] = []

  @Option(help: "How long a cell is measured, in seconds.")
  var seconds: Double?

  @Option(help: "How often a cell is measured that a target depends on.")
  var rounds: Int?

  @Option(parsing: .upToNextOption, help: "Only those whose names begin like this.")
  var subjects: [String] = []

  private var measurements: Measurements {
    var measurements = quick ? Measurements.quick : Measurements()
    if !keys.isEmpty { measurements.keys = keys }
    if !distributions.isEmpty { measurements.distributions = distributions }
    if !reads.isEmpty { measurements.readPercents = reads }
    if !threads.isEmpty { measurements.threads = threads }
    measurements.subjects = subjects
    if let seconds { measurements.secondsPerCell = seconds }
    if let rounds { measurements.rounds = rounds }
    return measurements
  }

  func validate() throws {
    guard keys.allSatisfy({ 1...10_000_000 ~= $0 }), threads.allSatisfy({ 1...256 ~= $0 }),
      reads.allSatisfy({ 0...100 ~= $0 }), 1...1000 ~= rounds ?? 1, 0.001...60 ~= seconds ?? 1
    else { throw ValidationError("a number of keys, threads, rounds, seconds or a share is out of range") }
  }

  func run() async throws {
    let measurements = self.measurements
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var results = try Report.earlier(state, measurements, goVersion)
    results.remark = remark ?? results.remark
    if onlyWrite { return try Report.write(results, to: folder) }
    let program = try goProgram.map { try GoProgram(path: $0) }
    for (keys, distribution) in measurements.panels {
      FileHandle.standardError.write(Data("measuring \(keys) keys, \(distribution.rawValue)\n".utf8))
      results.dates.append(ISO8601DateFormatter().string(from: Date()))
      results.loads.append(Report.load())
      results.add(try await measurements.panel(keys: keys, distribution, program))
    }
    program?.end()
    if let state { try Report.encoded(results).write(to: URL(fileURLWithPath: state)) }
    try Report.write(results, to: folder)
    for target in TargetJudge(results.comparisons).targets() {
      print("\(target.isReached ? "reached" : "MISSED "): \(target.name): \(target.measured), wanted \(target.wanted)")
    }
  }
}

extension Distribution: ExpressibleByArgument {}
