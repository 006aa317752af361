// SPDX-License-Identifier: Apache-2.0
//
// The goals set for the remedies, judged row by row.

/// Judges results.
struct TargetJudge {
  /// The largest deficit of a throughput that counts as level: the usual difference between two
  /// measurements of one subject.
  static let tolerance = 0.05

  static let locked = LockedSubject<Int>.name
  static let ours = [
    locked, ReadWriteSubject<Int>.name, ShardedSubject<Int>.name, ReadMostlySubject<Int>.name,
  ]
  static let mutex = MutexSubject<Int>.name
  /// The subjects with which the p99.9 of this project's are compared: those that threads use. Go's
  /// running goroutines never outnumber the cores, so they do not wait for a core inside an
  /// operation.
  static let peers = [mutex, NIOSubject<Int>.name, ReadWriteLockSubject<Int>.name]

  /// The pairs of this project's and Go's subjects that have the same colour in the charts.
  static let counterparts = [
    (locked, GoProgram.mutexMap), (ReadWriteSubject<Int>.name, GoProgram.rwMutexMap),
    (ReadMostlySubject<Int>.name, GoProgram.syncMap), (ShardedSubject<Int>.name, GoProgram.shardedMap),
  ]

  /// One row of one goal.
  struct Row {
    var subject: String
    var circumstances: Circumstances
    var peer: String
    /// 1 is level; more is better.
    var ratio: Double
    var isReached: Bool
  }

  private let rows: [Circumstances: [String: Cell]]
  private let results: Results

  init(_ results: Results) {
    self.results = results
    var rows: [Circumstances: [String: Cell]] = [:]
    for cell in results.cells { rows[cell.circumstances, default: [:]][cell.subject] = cell }
    self.rows = rows
  }

  /// Throughput divided by the throughput of a mutex around a dictionary.
  func throughput(_ subject: String) -> [Row] {
    compared(subject) { ours, cells in
      guard let mutex = cells[Self.mutex] else { return nil }
      let ratio = ours.operationsPerSecond / mutex.operationsPerSecond
      return Row(
        subject: subject, circumstances: ours.circumstances, peer: Self.mutex, ratio: ratio,
        isReached: ratio >= 1 - Self.tolerance)
    }
  }

  /// The p99.9 of the best peer divided by the subject's.
  func tail(_ subject: String) -> [Row] {
    compared(subject) { ours, cells in
      let best = Self.peers.compactMap { cells[$0] }.min { $0.p999Nanoseconds < $1.p999Nanoseconds }
      guard let best else { return nil }
      let ratio = best.p999Nanoseconds / ours.p999Nanoseconds
      return Row(
        subject: subject, circumstances: ours.circumstances, peer: best.subject, ratio: ratio, isReached: ratio >= 0.5)
    }
  }

  private func compared(_ subject: String, _ row: (Cell, [String: Cell]) -> Row?) -> [Row] {
    rows.values.compactMap { cells in cells[subject].flatMap { row($0, cells) } }
      .sorted { Self.order($0.circumstances) < Self.order($1.circumstances) }
  }

  private static func order(_ circumstances: Circumstances) -> String {
    let numbers = [circumstances.keys, circumstances.readPercent, circumstances.threads]
    return "\(circumstances.keyKind.rawValue) \(circumstances.distribution.rawValue) "
      + numbers.map { String(10_000_000 + $0) }.joined(separator: " ")
  }

  /// Every row in which a goal was missed.
  var missed: [(goal: String, row: Row)] {
    Self.ours.flatMap { subject in
      throughput(subject).filter { !$0.isReached }.map { ("throughput", $0) }
        + tail(subject).filter { !$0.isReached }.map { ("p99.9", $0) }
    }
  }

  func targets() -> [Target] {
    Self.ours.flatMap { subject in
      [
        target("\(subject): throughput by that of \(Self.mutex)", "at least 1 in each row", throughput(subject)),
        target("\(subject): p99.9 by the best peer's", "at most 2 in each row", tail(subject)),
      ].compactMap(\.self)
    } + readTargets() + memoryTargets()
  }

  private func target(_ name: String, _ wanted: String, _ rows: [Row]) -> Target? {
    guard !rows.isEmpty else { return nil }
    let missed = rows.filter { !$0.isReached }.count
    let ratios = rows.map(\.ratio).sorted()
    return Target(
      name: name, wanted: wanted,
      measured:
        "reached in \(rows.count - missed) of \(rows.count) rows; median \(rounded(ratios[ratios.count / 2])) times as good",
      isReached: missed == 0)
  }

  private func readTargets() -> [Target] {
    rows.compactMap { circumstances, cells in
      guard circumstances.readPercent == 100, circumstances.threads == 1,
        let ours = cells[ReadMostlySubject<Int>.name], let plain = cells[PlainSubject<Int>.name]
      else { return nil }
      let ratio = plain.operationsPerSecond / ours.operationsPerSecond
      return Target(
        name: """
          time of a ReadMostlyDictionary read by that of an unsynchronised Dictionary, \(circumstances.keys) \
          \(circumstances.keyKind.rawValue) keys, \(circumstances.distribution.rawValue)
          """,
        wanted: "at most 1.5", measured: rounded(ratio), isReached: ratio <= 1.5)
    }.sorted { $0.name < $1.name }
  }

  private func memoryTargets() -> [Target] {
    results.footprints.compactMap { ours in
      guard ours.subject == Self.locked,
        let plain = results.footprints.first(where: {
          $0.subject == "Dictionary" && $0.keyKind == ours.keyKind && $0.keys == ours.keys
        })
      else { return nil }
      let ratio = ours.bytesPerElement / plain.bytesPerElement
      return Target(
        name: "bytes of a LockedDictionary by a Dictionary's, \(ours.keys) \(ours.keyKind.rawValue) keys",
        wanted: "at most 1.1", measured: rounded(ratio), isReached: ratio <= 1.1)
    }
  }
}

/// Three significant digits.
func rounded(_ number: Double) -> String {
  // A cell that is so short that it has no operation.
  guard number.isFinite else { return "none" }
  return switch number {
  case ..<10: String((number * 100).rounded() / 100)
  case ..<100: String((number * 10).rounded() / 10)
  default: String(Int(number.rounded()))
  }
}
