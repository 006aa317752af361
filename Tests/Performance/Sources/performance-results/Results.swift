// SPDX-License-Identifier: Apache-2.0
//
// The measurements, read from the lines that the programs printed. Data only.

import Foundation

/// One line of a program: the rounds of one cell.
struct Sample: Decodable {
  var build: String
  var subject: String
  var operation: String
  var key: String
  var depth: Int
  var threads: Int
  var nanoseconds: [Double]
  var plain: [Double]
}

/// One line of a program: values of a measure that is no operation.
struct Measure: Codable {
  var measure: String
  var build: String
  var values: [Double]

  var median: Double { values.median }
}

/// The name of a cell.
struct CellName: Codable, Hashable, Sendable {
  var build: String
  var subject: String
  var operation: String
  var key: String
  var depth: Int
  var threads: Int
}

/// A cell's rounds from all repetitions, in numbers.
struct Cell: Codable {
  var name: CellName
  /// The time of one operation, the smallest of the rounds: other load only adds.
  var nanoseconds: Double
  /// The same for the plain dictionary's rounds that were measured beside these.
  var plainNanoseconds: Double
  /// The ratio of the two; missing where there was no audited dictionary. On one thread it is the
  /// ratio of the lower quartiles, which other load affects least. With several threads it is the
  /// median over the pairs of rounds, because a machine's cores are sometimes shared.
  var ratio: Double?
  /// The quartiles of the pairs' ratios, which show the spread of the median.
  var quartiles: [Double]
  var rounds: Int
  /// The median of the plain dictionary's rounds divided by the smallest: 1 on an idle machine.
  var unrest: Double
}

/// The machine and the toolchain.
struct Surroundings: Codable {
  var date: String
  var commit: String
  var processor: String
  var cores: Int
  var memoryGiB: Double
  var system: String
  var swift: String
  var go: String?
  var quick: Bool
  var loadBefore: String
  var seconds: Double
}

/// A goal and the reached value.
struct Target: Codable {
  var name: String
  var wanted: String
  var measured: String
  var isReached: Bool
}

/// A whole run.
struct Results: Codable {
  var schema = "access-audit-performance/1"
  var surroundings: Surroundings
  var targets: [Target] = []
  var cells: [Cell]
  var measures: [Measure]

  /// Reads every `*.jsonl` file of a folder.
  init(folder: URL, surroundings: Surroundings) throws {
    var samples: [CellName: Sample] = [:]
    var order: [CellName] = []
    var measures: [Measure] = []
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    for file in files.filter({ $0.pathExtension == "jsonl" }).sorted(by: { $0.path < $1.path }) {
      for line in try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")) {
        if let measure = try? JSONDecoder().decode(Measure.self, from: line) {
          if let index = measures.firstIndex(where: { $0.measure == measure.measure && $0.build == measure.build }) {
            measures[index].values += measure.values
          } else {
            measures.append(measure)
          }
          continue
        }
        let sample = try JSONDecoder().decode(Sample.self, from: line)
        let name = CellName(
          build: sample.build, subject: sample.subject, operation: sample.operation, key: sample.key,
          depth: sample.depth, threads: sample.threads)
        if samples[name] == nil {
          order.append(name)
          samples[name] = sample
        } else {
          samples[name]?.append(sample)
        }
      }
    }
    self.surroundings = surroundings
    self.measures = measures
    cells = order.compactMap { name in samples[name].map { Cell(name: name, $0) } }
  }
}

extension Sample {
  fileprivate mutating func append(_ other: Sample) {
    nanoseconds += other.nanoseconds
    plain += other.plain
  }
}

extension Cell {
  fileprivate init(name: CellName, _ sample: Sample) {
    self.name = name
    plainNanoseconds = sample.plain.min() ?? 0
    nanoseconds = sample.nanoseconds.min() ?? plainNanoseconds
    let ratios = zip(sample.nanoseconds, sample.plain).map { $0 / $1 }.sorted()
    if ratios.isEmpty {
      ratio = nil
    } else if name.threads > 1 {
      ratio = ratios.median
    } else {
      ratio = sample.nanoseconds.lowerQuartile / sample.plain.lowerQuartile
    }
    quartiles = ratios.isEmpty ? [] : [ratios[ratios.count / 4], ratios[ratios.count * 3 / 4]]
    rounds = sample.plain.count
    unrest = plainNanoseconds > 0 ? sample.plain.median / plainNanoseconds : 1
  }
}

extension [Double] {
  fileprivate var lowerQuartile: Double { sorted()[count / 4] }

  /// The middle value, or the mean of the two middle ones.
  var median: Double {
    guard !isEmpty else { return .nan }
    let ordered = sorted()
    return (ordered[(count - 1) / 2] + ordered[count / 2]) / 2
  }
}

extension Results {
  /// The ratio of a cell's median round to its fastest one, as the median over the cells with one
  /// thread.
  var unrest: Double { cells.filter { $0.name.threads == 1 && $0.rounds > 2 }.map(\.unrest).median }
  /// Above this the machine did other work, and ratios mean little.
  static let mostUnrest = 1.15

  func cell(
    _ build: String, _ subject: String, _ operation: String, _ key: String = "Int", depth: Int = 5, threads: Int = 1
  ) -> Cell? {
    let name = CellName(
      build: build, subject: subject, operation: operation, key: key, depth: depth, threads: threads)
    return cells.first { $0.name == name }
  }

  func measure(_ name: String, _ build: String) -> Measure? {
    measures.first { $0.measure == name && $0.build == build }
  }
}
