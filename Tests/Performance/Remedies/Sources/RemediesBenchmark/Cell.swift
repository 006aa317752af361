// SPDX-License-Identifier: Apache-2.0
//
// What is measured and what came out. Data only.

/// One combination of circumstances.
struct Circumstances: Codable, Hashable, Sendable {
  var readPercent: Int
  var threads: Int
  var keys: Int
  var distribution: Distribution
}

/// How keys are chosen.
enum Distribution: String, Codable, CaseIterable, Sendable {
  /// Each as often as any other.
  case uniform
  /// Zipf with exponent 0.99, as in YCSB: with a million keys, the ten most frequent ones get a fifth of the operations.
  case skewed
}

/// The result of one subject under one combination of circumstances: the round with the median throughput.
struct Cell: Codable, Sendable {
  var subject: String
  var circumstances: Circumstances
  var operations: Int
  var operationsPerSecond: Double
  /// The time of one operation, with the clock's own cost in it.
  var p50Nanoseconds: Double
  var p99Nanoseconds: Double
  var p999Nanoseconds: Double

  /// Elapsed time by all threads' operations.
  var nanosecondsPerOperation: Double { 1e9 / operationsPerSecond }
}

/// Two subjects under one combination of circumstances, round by round.
struct Comparison: Codable, Sendable {
  var ours: String
  var theirs: String
  var circumstances: Circumstances
  /// Our throughput by theirs, for each pair of rounds that stood side by side, in ascending order.
  var ratios: [Double]

  init(_ ours: [Cell], _ theirs: [Cell]) {
    self.ours = ours[0].subject
    self.theirs = theirs[0].subject
    circumstances = ours[0].circumstances
    ratios = zip(ours, theirs).map { $0.operationsPerSecond / $1.operationsPerSecond }.sorted()
  }

  var median: Double { ratios[ratios.count / 2] }
}

/// The results for one number of keys and one way of choosing them.
struct Panel: Codable, Sendable {
  var cells: [Cell]
  var comparisons: [Comparison]
}

/// The results so far: those of one run, or of several that measured a part each.
struct Results: Codable, Sendable {
  static let currentSchema = "remedies-performance/2"

  var schema = Results.currentSchema
  var machine: String
  var cores: Int
  var swift: String
  var go: String?
  /// When each part was measured.
  var dates: [String] = []
  /// The load average of the minute before each part; other work makes the numbers worse.
  var loads: [String] = []
  /// What else a reader should know of the run.
  var remark: String?
  /// The median time between two readings of the clock that follow each other.
  var clockNanoseconds: Double
  var secondsPerCell: Double
  var rounds: Int
  var cells: [Cell] = []
  var comparisons: [Comparison] = []

  /// Takes a panel in, in place of what was there for the same subjects and circumstances.
  mutating func add(_ panel: Panel) {
    for cell in panel.cells {
      if let old = cells.firstIndex(where: { $0.subject == cell.subject && $0.circumstances == cell.circumstances }) {
        cells[old] = cell
      } else {
        cells.append(cell)
      }
    }
    comparisons =
      comparisons.filter { old in
        !panel.comparisons.contains {
          $0.ours == old.ours && $0.theirs == old.theirs && $0.circumstances == old.circumstances
        }
      } + panel.comparisons
  }
}

/// A goal and what was reached.
struct Target: Sendable {
  var name: String
  var wanted: String
  var measured: String
  var isReached: Bool
}
