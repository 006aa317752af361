// SPDX-License-Identifier: Apache-2.0
//
// What the load lab has measured: the model that the outputs format. Its coded form is the JSON
// schema "access-audit-load/1".

#if REPORTS && canImport(Glibc)

internal import Foundation

package struct LoadReport: Sendable, Codable, Equatable {
  package static var schemaName: String { "access-audit-load/1" }

  package struct Machine: Sendable, Codable, Equatable {
    package var processor: String
    package var cores: Int
    package var kernel: String
    /// The load average of the minute before the run.
    package var load: Double
    package var swift: String
    package var isOptimized: Bool
    package var isAudited: Bool
    package init(
      processor: String, cores: Int, kernel: String, load: Double, swift: String, isOptimized: Bool, isAudited: Bool
    ) {
      self.processor = processor
      self.cores = cores
      self.kernel = kernel
      self.load = load
      self.swift = swift
      self.isOptimized = isOptimized
      self.isAudited = isAudited
    }
  }

  /// Of an unprotected dictionary: in how many runs it was found that threads share it.
  package struct Threshold: Sendable, Codable, Equatable {
    package var threads: Int
    package var readPercent: Int
    package var reading: String
    package var writing: String
    /// By the number of all threads' accesses until the first violation.
    package var violations: [At]
    /// Runs that a signal ended before a report: failures too, of which the place is not known.
    package var crashes: Int
    /// Runs that had to be ended; they count for nothing.
    package var unfinished: Int
    package init(
      threads: Int, readPercent: Int, reading: String, writing: String, violations: [At], crashes: Int, unfinished: Int
    ) {
      self.threads = threads
      self.readPercent = readPercent
      self.reading = reading
      self.writing = writing
      self.violations = violations
      self.crashes = crashes
      self.unfinished = unfinished
    }

    package struct At: Sendable, Codable, Equatable {
      package var accesses: Int
      package var runs: Proportion
      package init(accesses: Int, runs: Proportion) {
        self.accesses = accesses
        self.runs = runs
      }
    }
  }

  /// What has been claimed, beside what was measured.
  package struct Claim: Sendable, Codable, Equatable {
    package var text: String
    package var accesses: Int
    package var runs: Proportion
    package init(text: String, accesses: Int, runs: Proportion) {
      self.text = text
      self.accesses = accesses
      self.runs = runs
    }
    package var verdict: String {
      if runs.runs == 0 { return "not measured" }
      if runs.count == runs.runs { return "so it was in these \(runs.runs) runs" }
      return "not so: \(runs.runs - runs.count) of \(runs.runs) runs saw none"
    }
  }

  /// The circumstances of a measurement of models.
  package struct Circumstances: Sendable, Codable, Hashable {
    package var model: String
    package var keyType: String
    package var keys: Int
    package var readPercent: Int
    /// The share of operations of one key, and of those that visit all elements.
    package var hotPercent: Int
    package var visitPercent: Int
    package init(
      model: String, keyType: String, keys: Int, readPercent: Int, hotPercent: Int = 0, visitPercent: Int = 0
    ) {
      self.model = model
      self.keyType = keyType
      self.keys = keys
      self.readPercent = readPercent
      self.hotPercent = hotPercent
      self.visitPercent = visitPercent
    }
  }

  /// Operations a second of threads that do nothing else.
  package struct Curve: Sendable, Codable, Equatable {
    package var circumstances: Circumstances
    package var points: [Point]
    package var fit: ScalabilityFit?
    package init(circumstances: Circumstances, points: [Point], fit: ScalabilityFit? = nil) {
      self.circumstances = circumstances
      self.points = points
      self.fit = fit
    }
  }

  package struct Point: Sendable, Codable, Equatable {
    package var threads: Int
    /// Operations a second, by round.
    package var rounds: [Double]
    package init(threads: Int, rounds: [Double]) {
      self.threads = threads
      self.rounds = rounds
    }
    package var median: Double { rounds.isEmpty ? 0 : rounds.sorted()[rounds.count / 2] }
  }

  /// Latencies from the moment for which each operation was planned, in nanoseconds.
  package struct Latencies: Sendable, Codable, Equatable {
    package var count: UInt64
    package var p50: UInt64
    package var p99: UInt64
    package var p999: UInt64
    package var greatest: UInt64
    /// Of those planned, how many had not been done when the run was ended; they count with their
    /// age.
    package var unfinished: UInt64
    package init(_ spread: Spread, unfinished: UInt64) {
      (count, greatest) = (spread.count, spread.greatest)
      (p50, p99, p999) = (spread.quantile(0.5), spread.quantile(0.99), spread.quantile(0.999))
      self.unfinished = unfinished
    }
  }

  /// The highest rate of arrivals at which the goal holds.
  package struct Goal: Sendable, Codable, Equatable {
    package var circumstances: Circumstances
    package var threads: Int
    package var quantile: Double
    package var goalNanoseconds: UInt64
    /// `nil` where it holds at no rate that was tried.
    package var perSecond: Double?
    /// The lowest rate at which it did not hold.
    package var failedPerSecond: Double?
    /// At `perSecond`.
    package var latencies: Latencies?
    /// The clients can make no more requests than this.
    package var generatorPerSecond: Double
    package init(
      circumstances: Circumstances, threads: Int, quantile: Double, goalNanoseconds: UInt64, perSecond: Double?,
      failedPerSecond: Double?, latencies: Latencies?, generatorPerSecond: Double
    ) {
      self.circumstances = circumstances
      self.threads = threads
      self.quantile = quantile
      self.goalNanoseconds = goalNanoseconds
      self.perSecond = perSecond
      self.failedPerSecond = failedPerSecond
      self.latencies = latencies
      self.generatorPerSecond = generatorPerSecond
    }
    /// Whether it was found what the requests' makers can do, not the model.
    package var isOfTheGenerator: Bool { (perSecond ?? 0) > 0.8 * generatorPerSecond }
  }

  /// Recorded traffic against one model.
  package struct Replay: Sendable, Codable, Equatable {
    package var model: String
    /// One operation after the other, without pauses: the median of the rounds.
    package var nanosecondsPerOperation: Double
    package var rounds: [Double]
    /// At the recorded times, scaled.
    package var latencies: Latencies?
    package init(model: String, nanosecondsPerOperation: Double, rounds: [Double], latencies: Latencies?) {
      self.model = model
      self.nanosecondsPerOperation = nanosecondsPerOperation
      self.rounds = rounds
      self.latencies = latencies
    }
  }

  package struct ReplayedTraffic: Sendable, Codable, Equatable {
    package var file: String
    package var collection: String
    package var operations: Int
    package var threads: Int
    package var keys: Int
    package var readShare: Double
    package var seconds: Double
    package var speed: Double
    package var replays: [Replay]
    package init(
      file: String, collection: String, operations: Int, threads: Int, keys: Int, readShare: Double, seconds: Double,
      speed: Double, replays: [Replay]
    ) {
      self.file = file
      self.collection = collection
      self.operations = operations
      self.threads = threads
      self.keys = keys
      self.readShare = readShare
      self.seconds = seconds
      self.speed = speed
      self.replays = replays
    }
  }

  package var schema = LoadReport.schemaName
  package var command: String
  package var date: String
  package var seed: UInt64
  package var machine: Machine
  package var thresholds: [Threshold] = []
  package var claims: [Claim] = []
  package var curves: [Curve] = []
  package var goals: [Goal] = []
  package var replayed: ReplayedTraffic?
  /// What a reader has to know, in sentences.
  package var notes: [String] = []

  package init(command: String, date: String, seed: UInt64, machine: Machine) {
    self.command = command
    self.date = date
    self.seed = seed
    self.machine = machine
  }

  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? "{}\n"
  }
}

#endif
