// SPDX-License-Identifier: Apache-2.0
//
// Whether the adviser is right: recordings are played against each model, and its answer is
// compared with the one that was quickest. And recordings from numbers, to have enough of them.

#if ReportTools && canImport(Glibc)
import AccessTerms
import AccessTraffic
import ArgumentParser
import Foundation

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Writes a recording of made-up traffic of one dictionary.")
  @Argument(help: "The file.", completion: .file()) var file: String
  @Option(help: "The number of threads.") var threads = 4
  @Option(help: "The share of reads in percent.") var reads = 90.0
  @Option(help: "The number of keys.") var keys = 1_000
  @Option(help: "The number of accesses.") var accesses = 200_000
  @Option(help: "Accesses a second.") var rate = 1e7
  @Option(help: "The share of accesses to one key, in percent.") var hot = 0.0
  @Option(help: "The share of writes that insert or remove, in percent.") var churn = 0.0
  @Option(help: "The share of accesses that visit all elements, in percent.") var visits = 0.0
  @Option(help: "Begins the random numbers.") var seed: UInt64 = 1

  func validate() throws {
    guard (1...256).contains(threads), (1...1_000_000).contains(keys), (1...1_000_000_000).contains(accesses),
      [reads, hot, churn, visits].allSatisfy({ (0...100).contains($0) }), (1...1e9).contains(rate)
    else { throw ValidationError("a number is out of range") }
  }

  func run() throws {
    var made = MadeTraffic()
    (made.threads, made.readPercent, made.keys, made.accesses) = (threads, reads, keys, accesses)
    (made.perSecond, made.hotPercent, made.churnPercent) = (rate, hot, churn)
    (made.visitPercent, made.seed) = (visits, seed)
    // Beside it, so that a file that is there stays until the other is whole.
    let output = file + ".new"
    guard FileManager.default.createFile(atPath: output, contents: nil) else {
      throw LabError.system("\(file) cannot be written", errno)
    }
    do {
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
      try made.write { try handle.write(contentsOf: Data($0)) }
      try handle.close()
    } catch {
      throw LabError.failure("\(file) cannot be written: \(error)")
    }
    guard rename(output, file) == 0 else { throw LabError.system("\(file) cannot be written", errno) }
  }
}

struct JudgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge", abstract: "Compares the adviser's answers to recordings with what measures best on replay.",
    discussion: """
      Of each recording the busiest dictionary is played without pauses against the models that the adviser chooses from. \
      An answer is right when its model takes at most 20 % longer than the quickest.

      Exit status: 0; 1 when fewer answers are right than '--at-least'; 64 when a recording cannot be read.
      """)
  @Argument(help: "Recordings.", completion: .file()) var files: [String]
  @Option(help: "How often each model is played, in turn; the median counts.") var rounds = 5
  @Option(help: "How long a model is played each time, in seconds.") var seconds = 0.1
  @Option(help: "How many answers have to be right.") var atLeast = 0

  static let tolerance = 1.2

  func validate() throws {
    guard (1...100).contains(rounds), (0.001...60).contains(seconds) else {
      throw ValidationError("'--rounds' or '--seconds' is out of range")
    }
  }

  func run() throws {
    print(LoadReport.Machine.current.text)
    if !LoadReport.Machine.isOptimized { LabError.say("note: this is a debug build: \(CommonOptions.releaseBuild)") }
    var right = 0
    for file in files {
      let (plan, advice): (ReplayPlan, Advice)
      do {
        plan = try ReplayPlan(of: file)
        let report = try TrafficSummary.report(of: file)
        let answers = AdviceReport(report).advice
        guard let own = answers.first(where: { $0.collection == plan.collection }) else { continue }
        advice = own
      } catch { throw LabError.usage("\(error)") }
      let times = measure(plan)
      guard let best = times.min(by: { $0.value < $1.value }), let chosen = LoadModel(advice.remedy) else { continue }
      let own = times[chosen] ?? .infinity
      let isRight = own <= best.value * Self.tolerance
      if isRight { right += 1 }
      let all = times.sorted { $0.value < $1.value }.map { "\($0.key.rawValue) \(Int($0.value.rounded()))" }
      print(
        "\(isRight ? "right" : "WRONG") \(TextEscaping.printable(URL(fileURLWithPath: file).lastPathComponent)): advised "
          + "\(chosen.rawValue), best \(best.key.rawValue), \(Int((own / best.value * 100).rounded())) % of it; ns: "
          + all.joined(separator: ", "))
      fflush(nil)
    }
    print("\(right) of \(files.count) answers measure best on replay, or within 20 % of it")
    if right < atLeast { throw ExitCode(1) }
  }

  private func measure(_ plan: ReplayPlan) -> [LoadModel: Double] {
    let elements = ReplayRun.elements(plan, Int.self)
    let models: [LoadModel] =
      [.locked, .readWrite, .sharded, .readMostly, .serial, .safe, .actor] + (plan.threads.count == 1 ? [.plain] : [])
    var rounds: [LoadModel: [Double]] = [:]
    for round in 0...self.rounds {
      for model in round.isMultiple(of: 2) ? models : models.reversed() {
        let time = ReplayOptions.withoutPauses(model, plan, elements, seconds: seconds)
        if round > 0 { rounds[model, default: []].append(time) }
      }
    }
    return rounds.mapValues { $0.sorted()[$0.count / 2] }
  }
}

extension LoadModel {
  /// What the adviser's answer is called here.
  init?(_ remedy: Remedy) {
    switch remedy {
    case .none: self = .plain
    case .actor: self = .actor
    case .mutex: self = .mutex
    case .locked: self = .locked
    case .readWrite: self = .readWrite
    case .sharded: self = .sharded
    case .readMostly: self = .readMostly
    case .serial: self = .serial
    case .safe: self = .safe
    }
  }
}
#endif
