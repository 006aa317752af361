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

  @Option(help: "A file for the results as JSON.")
  var state: String?

  @Flag(help: "Measures nothing; writes tables and charts of what the state file has.")
  var onlyWrite = false

  @Option(parsing: .upToNextOption, help: "The types of keys: Int, String.")
  var keyTypes: [KeyKind] = []

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
    if !keyTypes.isEmpty { measurements.keyKinds = keyTypes }
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
    if onlyWrite, let state { return try Report.write(Report.earlier(state), to: folder) }
    var results = Report.begin(measurements, goVersion)
    results.remark = remark
    let program = try goProgram.map { try GoProgram(path: $0) }
    results.dates.append(ISO8601DateFormatter().string(from: Date()))
    results.loads.append(Report.load())
    for kind in measurements.keyKinds where subjects.isEmpty {
      tell("memory and construction, \(kind.rawValue) keys")
      let keys = quick ? 100_000 : 1_000_000
      results.footprints +=
        kind == .integer ? Footprints.all(Int.self, keys: keys) : Footprints.all(String.self, keys: keys)
    }
    tell("waits")
    results.waits = Waits.all(seconds: measurements.secondsPerWait, measurements.isMeasured)
    for (kind, keys, distribution) in measurements.panels {
      tell("\(keys) \(kind.rawValue) keys, \(distribution.rawValue)")
      results.cells += try await measurements.panel(kind, keys: keys, distribution, program)
    }
    program?.end()
    if let state { try Report.encoded(results).write(to: URL(fileURLWithPath: state)) }
    try Report.write(results, to: folder)
    for target in TargetJudge(results).targets() {
      print("\(target.isReached ? "reached" : "MISSED "): \(target.name): \(target.measured), wanted \(target.wanted)")
    }
  }
}

/// Prints the name of the present measurement.
private func tell(_ what: String) { FileHandle.standardError.write(Data("measuring \(what)\n".utf8)) }

extension Distribution: ExpressibleByArgument {}
extension KeyKind: ExpressibleByArgument {}
