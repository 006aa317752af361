// SPDX-License-Identifier: Apache-2.0
//
// The goals set for the remedies, judged by comparisons of rounds that stood side by side.

/// Judges results.
struct TargetJudge {
  /// How far behind a row may be to count as level.
  static let tolerance = 0.05

  /// Which of ours stands against which of Go's.
  static let counterparts = [
    (LockedSubject.name, GoProgram.mutexMap), (ReadWriteSubject.name, GoProgram.rwMutexMap),
    (ReadMostlySubject.name, GoProgram.syncMap), (ShardedSubject.name, GoProgram.shardedMap),
  ]

  /// Everything that is compared.
  static let pairs =
    counterparts + [(ReadMostlySubject.name, PlainSubject.name), (ShardedSubject.name, LockedSubject.name)]

  let comparisons: [Comparison]

  init(_ comparisons: [Comparison]) {
    self.comparisons = comparisons.sorted { one, other in
      let (one, other) = (one.circumstances, other.circumstances)
      return (one.keys, one.distribution.rawValue, one.readPercent, one.threads)
        < (other.keys, other.distribution.rawValue, other.readPercent, other.threads)
    }
  }

  func targets() -> [Target] {
    comparisons.filter { $0.circumstances.distribution == .uniform }.compactMap(ratio)
      + Self.counterparts.compactMap { against($0.0, $0.1) }
  }

  /// The comparisons of ours with Go's in which ours was behind by more than the tolerance.
  var behind: [Comparison] {
    comparisons.filter { comparison in
      comparison.median < 1 - Self.tolerance
        && Self.counterparts.contains { $0.0 == comparison.ours && $0.1 == comparison.theirs }
    }
  }

  /// The two goals that are a number.
  private func ratio(_ comparison: Comparison) -> Target? {
    let circumstances = comparison.circumstances
    switch (comparison.ours, comparison.theirs, circumstances.readPercent, circumstances.threads) {
    case (ReadMostlySubject.name, PlainSubject.name, 100, 1):
      return Target(
        name: """
          time of a ReadMostlyDictionary read by that of an unsynchronised Dictionary, 1 thread, \(circumstances.keys) keys
          """,
        wanted: "at most 1.5", measured: rounded(1 / comparison.median), isReached: 1 / comparison.median <= 1.5)
    case (ShardedSubject.name, LockedSubject.name, 0, 2):
      return Target(
        name: """
          throughput of ShardedDictionary writes by that of LockedDictionary, 2 threads, \(circumstances.keys) keys
          """,
        wanted: "at least 1.7", measured: rounded(comparison.median), isReached: comparison.median >= 1.7)
    default: return nil
    }
  }

  /// In how many rows ours is ahead.
  private func against(_ ours: String, _ theirs: String) -> Target? {
    let rows = comparisons.filter { $0.ours == ours && $0.theirs == theirs }
    guard !rows.isEmpty else { return nil }
    let tolerance = "\(Int(Self.tolerance * 100)) %"
    let ahead = rows.filter { $0.median >= 1 }.count
    let behind = rows.filter { $0.median < 1 - Self.tolerance }.count
    return Target(
      name: "\(ours) ahead of \(theirs)", wanted: "in every row, or within \(tolerance)",
      measured: """
        ahead in \(ahead) of \(rows.count) rows, within \(tolerance) in \(rows.count - ahead - behind), behind in \(behind)
        """,
      isReached: behind == 0)
  }
}

/// Three significant digits.
func rounded(_ number: Double) -> String {
  switch number {
  case ..<10: String((number * 100).rounded() / 100)
  case ..<100: String((number * 10).rounded() / 10)
  default: String(Int(number.rounded()))
  }
}
