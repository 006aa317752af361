// SPDX-License-Identifier: Apache-2.0
//
// The options that the lab's commands share, and what becomes of a report.

#if ReportTools && canImport(Glibc)
import AccessTerms
import AccessTraffic
import ArgumentParser
import Foundation

/// The exit statuses of the lab, as of the tool.
enum LabStatus {
  static let usage = ExitCode(64)
  static let notAudited = ExitCode(69)
  static let internalError = ExitCode(70)
}

/// `1,2,4,8`.
struct NumberList: ExpressibleByArgument, Equatable, CustomStringConvertible {
  var numbers: [Int]
  init(_ numbers: [Int]) { self.numbers = numbers }
  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    if parts.contains(nil) || parts.isEmpty { return nil }
    numbers = parts.compactMap { $0 }
  }
  var description: String { numbers.map(String.init).joined(separator: ",") }
  var defaultValueDescription: String { description }

  func validate(_ name: String, _ range: ClosedRange<Int>) throws {
    guard numbers.allSatisfy(range.contains), numbers.count <= 64 else {
      throw ValidationError("'--\(name)' takes numbers from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}

enum KeyType: String, CaseIterable, ExpressibleByArgument {
  case int = "Int"
  case string = "String"
}

/// `Int,String` and the like.
struct ChoiceList<Choice: ExpressibleByArgument & CaseIterable & RawRepresentable>: ExpressibleByArgument,
  CustomStringConvertible
where Choice.RawValue == String {
  var choices: [Choice]
  init(_ choices: [Choice]) { self.choices = choices }
  init?(argument: String) {
    let parts = argument.split(separator: ",").map { Choice(argument: String($0)) }
    if parts.isEmpty || parts.contains(where: { $0 == nil }) { return nil }
    choices = parts.compactMap { $0 }
  }
  var description: String { choices.map(\.rawValue).joined(separator: ",") }
  var defaultValueDescription: String { description }
}

struct CommonOptions: ParsableArguments {
  @Option(help: "The form: text, json, csv, html.")
  var format: Form = .text

  @Option(help: "Write to this file.", completion: .file())
  var output: String?

  @Option(help: "Begins the random numbers: keys, reads and writes, arrivals.")
  var seed: UInt64 = 20_260_701

  @Option(help: "How long the run may take, in minutes.")
  var minutes: Double = 10

  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case csv
    case html
  }

  func validate() throws {
    guard (0.01...600).contains(minutes) else { throw ValidationError("'--minutes' takes numbers from 0.01 to 600") }
  }

  func makeReport() -> LoadReport {
    LoadReport(
      command: (["access-audit-load"] + CommandLine.arguments.dropFirst()).joined(separator: " "),
      date: ISO8601DateFormatter().string(from: Date()), seed: seed, machine: .current)
  }

  func put(_ report: LoadReport) throws {
    if format != .text { report.notes.forEach { LabError.say("note: \(TextEscaping.printable($0))") } }
    let text =
      switch format {
      case .text: report.text
      case .json: report.json
      case .csv: report.csv
      case .html: report.html
      }
    guard let output else { return print(text, terminator: "") }
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
    } catch {
      throw LabError.failure("\(output) cannot be written: \(error)")
    }
  }

  /// What a build that is not optimised measures says little.
  func noteBuild(_ report: inout LoadReport) {
    if !LoadReport.Machine.isOptimized {
      report.notes.append(
        "this is a debug build, whose times are not those of a release: \(Self.releaseBuild)")
    }
  }

  static let releaseBuild =
    "swift build -c release --traits ReportTools,AuditInRelease --product access-audit-load"
}

struct ThresholdOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The accesses of a run, of all threads together.", valueName: "number"))
  var accesses = 100_000

  @Option(help: "Runs of each row of the table, at most.")
  var runs = 30

  @Option(help: "What reads do: get, count, visit.")
  var reading: ThresholdCell.Reading = .get

  @Option(help: "What writes do: set, update, replace.")
  var writing: ThresholdCell.Writing = .set

  @Option(help: "How long a run may take, in seconds.")
  var runSeconds = 10.0

  @Flag(help: "Hunts: holds accesses open where another one may run into them.")
  var hunt = false

  func validate() throws {
    guard (100...10_000_000).contains(accesses), (1...10_000).contains(runs), (0.1...600).contains(runSeconds) else {
      throw ValidationError("'--accesses', '--runs' or '--run-seconds' is out of range")
    }
  }

  /// Adds the rows to the report.
  func run(
    threads: [Int], readPercents: [Int], seed: UInt64, progress: Progress, into report: inout LoadReport
  ) throws {
    #if AUDITED
    let cells = readPercents.flatMap { reads in
      threads.map {
        ThresholdCell(
          threads: $0, readPercent: reads, reading: reading, writing: writing, accesses: accesses, keys: 100)
      }
    }
    var outcomes = cells.map { ($0, [ThresholdLab.Outcome]()) }
    rounds: for round in 0..<runs {
      for index in cells.indices {
        guard progress.isLeft else { break rounds }
        progress.say("threshold, \(cells[index].threads) threads, run \(round + 1)")
        let seconds = min(runSeconds, progress.partLeft)
        let outcome = try ThresholdLab(secondsPerRun: seconds, hunts: hunt).run(
          cells[index], seed: RandomNumbers.seed(seed, round, index))
        // Cut short by the end of the time: it says nothing of the run.
        if outcome == .unfinished, seconds < runSeconds { break rounds }
        outcomes[index].1.append(outcome)
      }
    }
    let unmeasured = outcomes.count { $0.1.isEmpty }
    if unmeasured > 0 {
      report.notes.append("the time was not enough for \(unmeasured) of \(outcomes.count) rows of the threshold")
    }
    outcomes.removeAll { $0.1.isEmpty }
    report.thresholds += outcomes.map { ThresholdLab.row($0.0, $0.1) }
    report.claims += ThresholdLab.claims(outcomes.map { (cell: $0.0, outcomes: $0.1) })
    let least = outcomes.map(\.1.count).min() ?? 0
    if unmeasured == 0, least < runs {
      report.notes.append("the time was enough for \(least) of \(runs) runs of each row of the threshold")
    }
    let unfinished = report.thresholds.reduce(0) { $0 + $1.unfinished }
    if unfinished > 0 {
      report.notes.append("\(unfinished) runs took longer than \(runSeconds) s and count for nothing")
    }
    #endif
  }

  /// Why this build cannot.
  static var obstacle: String? {
    LoadReport.Machine.isAudited
      ? nil
      : "this build has no audit, so that it cannot tell when threads share a dictionary: \(CommonOptions.releaseBuild)"
  }
}

struct ThroughputOptions: ParsableArguments {
  @Option(help: "The models: \(LoadModel.allCases.map(\.rawValue).joined(separator: ",")).")
  var models = ChoiceList<LoadModel>(LoadModel.allCases)

  @Option(help: "The types of keys: Int, String.")
  var keyTypes = ChoiceList<KeyType>([.int, .string])

  @Option(help: "The numbers of keys.")
  var keys = NumberList([10_000])

  @Option(help: "The share of operations that are of one key, in percent.")
  var hot = 0

  @Option(help: "The share of operations that visit all elements, in percent.")
  var visits = 0

  @Option(help: "How often each point of a curve is measured.")
  var rounds = 5

  @Option(help: "How long a point is measured, in seconds; otherwise what the minutes allow.")
  var cellSeconds: Double?

  @Option(help: "The latency goal, in milliseconds.")
  var goal = 100.0

  @Option(help: "The share of operations that the goal is for, in percent.")
  var percentile = 99.0

  @Flag(help: "Measures curves only, and searches for no highest rate.")
  var noGoal = false

  func validate() throws {
    try keys.validate("keys", 1...1_000_000)
    guard (1...100).contains(rounds), (0.001...60).contains(cellSeconds ?? 1), (0.001...1e5).contains(goal),
      (1...99.999).contains(percentile), (0...100).contains(hot), (0...100).contains(visits)
    else {
      throw ValidationError(
        "'--rounds', '--cell-seconds', '--goal', '--percentile', '--hot' or '--visits' is out of range")
    }
  }

  func run(threads: [Int], readPercents: [Int], seed: UInt64, progress: Progress, into report: inout LoadReport) {
    let settings = ThroughputSettings(
      models: models.choices, threads: threads, readPercents: readPercents, hotPercent: hot, visitPercent: visits,
      keyCounts: keys.numbers,
      keyTypes: keyTypes.choices, rounds: rounds, secondsPerCell: cellSeconds,
      goalNanoseconds: noGoal ? nil : UInt64(goal * 1e6), quantile: percentile / 100, seed: seed)
    ThroughputLab(settings: settings, progress: progress, cores: report.machine.cores).run(into: &report)
  }
}
#endif
