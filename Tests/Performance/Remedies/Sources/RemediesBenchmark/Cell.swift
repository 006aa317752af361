// SPDX-License-Identifier: Apache-2.0
//
// The measured combinations and their results. Data only.

/// One combination of circumstances.
struct Circumstances: Codable, Hashable, Sendable {
  var readPercent: Int
  var threads: Int
  var keyKind: KeyKind
  var keys: Int
  var distribution: Distribution

  /// The circumstances that are the same in one panel.
  var panel: Circumstances {
    var panel = self
    panel.readPercent = 0
    panel.threads = 0
    return panel
  }
}

/// How keys are chosen.
enum Distribution: String, Codable, CaseIterable, Sendable {
  /// All keys are equally frequent.
  case uniform
  /// Zipf with exponent 0.99, as in YCSB: with a million keys, the ten most frequent ones get a
  /// fifth of the operations.
  case skewed
}

/// The result of one subject under one combination of circumstances; each number is the median of
/// the rounds.
struct Cell: Codable, Sendable {
  var subject: String
  var circumstances: Circumstances
  var operations: Int
  var operationsPerSecond: Double
  /// The time of one operation, with the clock's own cost in it.
  var p50Nanoseconds: Double
  var p99Nanoseconds: Double
  var p999Nanoseconds: Double

  /// Elapsed time divided by all threads' operations.
  var nanosecondsPerOperation: Double { 1e9 / operationsPerSecond }
}

/// The longest wait and the p99.9 of one subject in one situation.
struct Wait: Codable, Sendable {
  var subject: String
  var situation: String
  var operationsPerSecond: Double
  var p999Nanoseconds: Double
  var longestNanoseconds: Double
}

/// The memory and times of a dictionary with a million elements.
struct Footprint: Codable, Sendable {
  var subject: String
  var keyKind: KeyKind
  var keys: Int
  var bytesPerElement: Double
  /// The time to make it from a plain dictionary.
  var buildMilliseconds: Double
  /// One use of the whole under the lock that changes one element, after operations on single keys;
  /// nil where the type has no such use.
  var exclusiveNanoseconds: Double?
}

/// The results so far: those of one run, or of several runs that measured one part each.
struct Results: Codable, Sendable {
  static let currentSchema = "remedies-performance/3"

  var schema = Results.currentSchema
  var machine: String
  var cores: Int
  var swift: String
  var go: String?
  /// The date of each part.
  var dates: [String] = []
  /// The load average of the minute before each part; other work makes the numbers worse.
  var loads: [String] = []
  /// A remark for readers.
  var remark: String?
  /// The median time between two readings of the clock that follow each other.
  var clockNanoseconds: Double
  var secondsPerCell: Double
  var rounds: Int
  var cells: [Cell] = []
  var waits: [Wait] = []
  var footprints: [Footprint] = []
}

/// A goal and the reached value.
struct Target: Sendable {
  var name: String
  var wanted: String
  var measured: String
  var isReached: Bool
}
