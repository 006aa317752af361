// SPDX-License-Identifier: Apache-2.0
//
// In which order cells are measured and what becomes of several of one kind. Rounds of all who are compared stand side by side in
// time, so that what disturbs one disturbs the others too.

import Foundation

/// What a run measures.
struct Measurements {
  var readPercents = [0, 50, 90, 99, 100]
  var threads = [1, 2, 4, 8, 16, 32, 64]
  var keys = [100, 1_000_000]
  var distributions = Distribution.allCases
  var secondsPerCell = 0.05
  /// How often a cell is measured that a target depends on; the median counts.
  var rounds = 7
  /// How often the other cells are measured.
  var otherRounds = 3

  /// What the names of those measured begin with; all when empty.
  var subjects: [String] = []

  static let quick = Measurements(
    readPercents: [0, 50, 90, 99, 100], threads: [1, 2, 8], keys: [100], distributions: [.uniform],
    secondsPerCell: 0.03, rounds: 3, otherRounds: 1)

  /// The panels, in the order in which they are measured.
  var panels: [(keys: Int, distribution: Distribution)] {
    keys.flatMap { keys in distributions.map { (keys, $0) } }
  }

  /// Measures one panel.
  func panel(keys: Int, _ distribution: Distribution, _ program: GoProgram?) async throws -> Panel {
    let sequence = KeySequence(keys: keys, distribution)
    let contenders = try await Contender.all(keys: keys, distribution, program).filter { contender in
      subjects.isEmpty || subjects.contains { contender.name.hasPrefix($0) }
    }
    let circumstances = readPercents.flatMap { readPercent in
      threads.map { Circumstances(readPercent: readPercent, threads: $0, keys: keys, distribution: distribution) }
    }
    // The first run of each warms its memory and is not counted.
    for contender in contenders { _ = try await contender.run(circumstances[0], sequence, secondsPerCell) }
    var rows: [Circumstances: [String: [Cell]]] = [:]
    for round in 0..<max(rounds, otherRounds) {
      for circumstances in circumstances {
        // Forwards and backwards in turn, so that nobody always follows the same one.
        for contender in round.isMultiple(of: 2) ? contenders : contenders.reversed() {
          guard round < (contender.isJudged ? rounds : otherRounds) else { continue }
          guard circumstances.threads == 1 || !contender.isForOneThread else { continue }
          let cell = try await contender.run(circumstances, sequence, secondsPerCell)
          rows[circumstances, default: [:]][contender.name, default: []].append(cell)
        }
      }
    }
    var result = Panel(cells: [], comparisons: [])
    for contender in contenders {
      for circumstances in circumstances {
        if let cells = rows[circumstances]?[contender.name] { result.cells.append(Self.median(cells)) }
      }
    }
    for (ours, theirs) in TargetJudge.pairs {
      for circumstances in circumstances {
        guard let ours = rows[circumstances]?[ours], let theirs = rows[circumstances]?[theirs] else { continue }
        result.comparisons.append(Comparison(ours, theirs))
      }
    }
    return result
  }

  /// The cell with the median number of operations a second.
  static func median(_ cells: [Cell]) -> Cell {
    cells.sorted { $0.operationsPerSecond < $1.operationsPerSecond }[cells.count / 2]
  }

  /// The median time between two readings of the clock.
  static func clockCost() -> Double {
    let differences = (0..<10_001).map { _ -> UInt64 in
      let before = nanoseconds()
      return nanoseconds() &- before
    }
    return Double(differences.sorted()[5000])
  }
}
