// SPDX-License-Identifier: Apache-2.0
//
// The order of the cells' measurements, and the median of several of one kind. The rounds of all
// compared subjects alternate in time, so that a disturbance affects all of them.

import Foundation

/// The measurements of a run.
struct Measurements {
  var readPercents = [0, 90, 99, 100]
  var threads = [1, 2, 4, 16]
  var keyKinds = KeyKind.allCases
  var keys = [100, 1_000_000]
  var distributions = [Distribution.uniform]
  var secondsPerCell = 0.05
  /// The number of measurements per cell; the median counts.
  var rounds = 5
  /// The length of a situation of waiting.
  var secondsPerWait = 1.0

  /// Prefixes of the measured subjects' names; all subjects when empty.
  var subjects: [String] = []

  static let quick = Measurements(
    readPercents: [0, 90, 100], threads: [1, 2, 16], keys: [100], secondsPerCell: 0.02, rounds: 1, secondsPerWait: 0.2)

  /// The panels, in the order in which they are measured.
  var panels: [(kind: KeyKind, keys: Int, distribution: Distribution)] {
    keyKinds.flatMap { kind in keys.flatMap { keys in distributions.map { (kind, keys, $0) } } }
  }

  func isMeasured(_ name: String) -> Bool { subjects.isEmpty || subjects.contains { name.hasPrefix($0) } }

  /// Measures one panel.
  func panel(
    _ kind: KeyKind, keys: Int, _ distribution: Distribution, _ program: GoProgram?
  ) async throws -> [Cell] {
    let contenders = try await Contender.all(kind, keys: keys, distribution, program).filter { isMeasured($0.name) }
    let circumstances = readPercents.flatMap { readPercent in
      threads.map {
        Circumstances(
          readPercent: readPercent, threads: $0, keyKind: kind, keys: keys, distribution: distribution)
      }
    }
    // The first run of each contender warms its memory and does not count.
    for contender in contenders { _ = try await contender.run(circumstances[0], secondsPerCell) }
    var rows: [Circumstances: [String: [Cell]]] = [:]
    for round in 0..<rounds {
      for circumstances in circumstances {
        // Forwards and backwards in turn, so that no contender always follows the same one.
        for contender in round.isMultiple(of: 2) ? contenders : contenders.reversed() {
          guard circumstances.threads == 1 || !contender.isForOneThread else { continue }
          let cell = try await contender.run(circumstances, secondsPerCell)
          rows[circumstances, default: [:]][contender.name, default: []].append(cell)
        }
      }
    }
    return contenders.flatMap { contender in
      circumstances.compactMap { circumstances in rows[circumstances]?[contender.name].map(Self.median) }
    }
  }

  /// A cell whose numbers are the medians of several.
  static func median(_ cells: [Cell]) -> Cell {
    func median(_ number: (Cell) -> Double) -> Double { cells.map(number).sorted()[cells.count / 2] }
    var cell = cells[0]
    cell.operations = cells.map(\.operations).sorted()[cells.count / 2]
    cell.operationsPerSecond = median(\.operationsPerSecond)
    cell.p50Nanoseconds = median(\.p50Nanoseconds)
    cell.p99Nanoseconds = median(\.p99Nanoseconds)
    cell.p999Nanoseconds = median(\.p999Nanoseconds)
    return cell
  }

  /// The median time between two readings of the clock.
  static func clockCost() -> Double {
    let times = (0..<10_001).map { _ in
      let before = nanoseconds()
      return nanoseconds() &- before
    }
    return Double(times.sorted()[5000])
  }
}
