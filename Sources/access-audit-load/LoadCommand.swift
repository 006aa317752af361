// SPDX-License-Identifier: Apache-2.0
//
// The load lab's commands. Each has its options in a group; what they run lies in other folders.

#if ReportTools && canImport(Glibc)
import AccessTerms
import AccessTraffic
import ArgumentParser
import Foundation

@main
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access-audit-load",
    abstract: "Measures what dictionaries do when many threads use them.",
    discussion: """
      'all', which runs when no command is named: at how many threads and accesses an unprotected dictionary is caught; \
      operations a second of each dictionary of ConcurrentCollections and of what one would write without it, against \
      threads; the highest rate at which a latency goal holds; and the universal scalability law of each curve. It takes \
      ten minutes at most. 'replay' plays recorded traffic against each of them; 'judge' compares that with what \
      'access-audit advise' says.

      Nothing else should run on the machine meanwhile. Measure in a release build: \(CommonOptions.releaseBuild)

      Exit status: 0; 64 when the usage is wrong or a recording cannot be read; 69 when this build cannot audit; 70 when \
      the output cannot be written.

      Examples:
        access-audit-load --format html --output load.html
        access-audit-load throughput --threads 1,2,4,8 --reads 90 --goal 10
        access-audit-load --replay orders.traffic
      """,
    version: PackageVersion.text,
    subcommands: [
      AllCommand.self, ThresholdCommand.self, ThroughputCommand.self, ReplayCommand.self, JudgeCommand.self,
      GenerateCommand.self,
    ] + hidden,
    defaultSubcommand: AllCommand.self)

  private static var hidden: [any ParsableCommand.Type] {
    #if AUDITED
    [ThresholdRunCommand.self]
    #else
    []
    #endif
  }
}

struct AllCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Threshold, throughput and latency goal.")
  @OptionGroup var common: CommonOptions
  @OptionGroup(title: "Threshold") var threshold: ThresholdOptions
  @OptionGroup(title: "Throughput") var throughput: ThroughputOptions

  @Option(help: "The numbers of threads.")
  var threads = NumberList([1, 2, 4, 8, 16, 32])

  @Option(help: "The shares of reads in percent; of several the throughput takes the one nearest to 90.")
  var reads = NumberList([0, 50, 90, 99])

  @Option(help: "Plays this recording against each model, and nothing else.", completion: .file())
  var replay: String?

  func validate() throws {
    try threads.validate("threads", 1...256)
    try reads.validate("reads", 0...100)
  }

  func run() throws {
    if let replay { return try ReplayOptions.run(replay, nil, 1, throughput, common) }
    var report = common.makeReport()
    common.noteBuild(&report)
    let progress = Progress(minutes: common.minutes)
    if let obstacle = ThresholdOptions.obstacle {
      report.notes.append("no threshold: \(obstacle)")
    } else {
      progress.part(0.35)
      try threshold.run(
        threads: threads.numbers, readPercents: reads.numbers, seed: common.seed, progress: progress, into: &report)
    }
    let share = reads.numbers.min { abs($0 - 90) < abs($1 - 90) } ?? 90
    throughput.run(
      threads: threads.numbers, readPercents: [share], seed: common.seed, progress: progress, into: &report)
    progress.end()
    try common.put(report)
  }
}

struct ThresholdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threshold", abstract: "When an unprotected dictionary is caught, by threads and accesses.",
    discussion: """
      Each run is a process of its own, which ends with the first violation. Runs that crash before it count as failures \
      at the last access. Intervals are Wilson's, of 95 %.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup(title: "Threshold") var threshold: ThresholdOptions

  @Option(help: "The numbers of threads.")
  var threads = NumberList([1, 2, 4, 8, 16, 32, 64])

  @Option(help: "The shares of reads in percent.")
  var reads = NumberList([0, 50, 90, 99])

  func validate() throws {
    try threads.validate("threads", 1...64)
    try reads.validate("reads", 0...100)
  }

  func run() throws {
    if let obstacle = ThresholdOptions.obstacle {
      LabError.say("error: \(obstacle)")
      throw LabStatus.notAudited
    }
    var report = common.makeReport()
    let progress = Progress(minutes: common.minutes)
    progress.part(1)
    try threshold.run(
      threads: threads.numbers, readPercents: reads.numbers, seed: common.seed, progress: progress, into: &report)
    progress.end()
    try common.put(report)
  }
}

struct ThroughputCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "throughput", abstract: "Operations a second and the highest rate that holds a goal, of each model.",
    discussion: """
      For the goal, operations come by a schedule that is made before the run; the latency of each counts from the moment \
      it was planned for, so that one that stalls makes those late that come meanwhile.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup(title: "Throughput") var throughput: ThroughputOptions

  @Option(help: "The numbers of threads.")
  var threads = NumberList([1, 2, 4, 8, 16, 32])

  @Option(help: "The shares of reads in percent.")
  var reads = NumberList([90])

  func validate() throws {
    try threads.validate("threads", 1...256)
    try reads.validate("reads", 0...100)
  }

  func run() throws {
    var report = common.makeReport()
    common.noteBuild(&report)
    let progress = Progress(minutes: common.minutes)
    throughput.run(
      threads: threads.numbers, readPercents: reads.numbers, seed: common.seed, progress: progress, into: &report)
    progress.end()
    try common.put(report)
  }
}

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Plays recorded traffic against each model.",
    discussion: """
      The hashes of the recording stand for its keys, threads for threads. Each model is played without pauses, and at the \
      recorded times for latencies. What was there before the first access is found out from what follows.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup(title: "Models") var throughput: ThroughputOptions

  @Argument(help: "A recording.", completion: .file())
  var file: String

  @Option(help: "The collection, as 'access-audit traffic' calls it; otherwise the busiest dictionary.")
  var collection: String?

  @Option(help: "How many times as fast as recorded.")
  var speed = 1.0

  func validate() throws {
    guard (0.001...1e6).contains(speed) else { throw ValidationError("'--speed' takes numbers from 0.001 to 1000000") }
  }

  func run() throws { try ReplayOptions.run(file, collection, speed, throughput, common) }
}

#if AUDITED
/// One run of the threshold: what the lab starts.
struct ThresholdRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "threshold-run", shouldDisplay: false)
  @Option var threads: Int
  @Option var readPercent: Int
  @Option var reading: ThresholdCell.Reading
  @Option var writing: ThresholdCell.Writing
  @Option var accesses: Int
  @Option var keys: Int
  @Option var seed: UInt64

  func validate() throws {
    guard (1...256).contains(threads), (0...100).contains(readPercent), (1...10_000_000).contains(accesses),
      (1...1_000_000).contains(keys)
    else { throw ValidationError("a number is out of range") }
  }

  func run() {
    ThresholdRun.run(
      ThresholdCell(
        threads: threads, readPercent: readPercent, reading: reading, writing: writing, accesses: accesses, keys: keys),
      seed: seed)
  }
}
#endif
#endif
