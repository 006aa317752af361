// SPDX-License-Identifier: Apache-2.0
//
// The measured cost of each model between the circumstances that were measured. Pure.

#if REPORTS && canImport(Glibc)

/// What can be put in a collection's place.
package enum Remedy: String, Sendable, Codable, CaseIterable {
  /// Nothing: one thread uses it.
  case none
  /// The plain collection as a property of an actor.
  case actor
  /// The plain collection in a `Mutex`, for what is no dictionary.
  case mutex
  case locked
  case readWrite
  case sharded
  case readMostly
  case serial
  case safe

  package var name: String {
    switch self {
    case .none: "no need: one thread"
    case .actor: "a plain collection owned by an actor"
    case .mutex: "Mutex"
    case .locked: "LockedDictionary"
    case .readWrite: "ReadWriteDictionary"
    case .sharded: "ShardedDictionary"
    case .readMostly: "ReadMostlyDictionary"
    case .serial: "SerialDictionary"
    case .safe: "SafeDictionary"
    }
  }
}

/// Measured times of an operation.
package struct MeasuredCosts: Sendable {
  package struct Row: Sendable {
    let remedy: Remedy
    let readPercent: Double
    let threads: Double
    let keys: Double
    let nanoseconds: Double

    init(_ remedy: Remedy, readPercent: Double, threads: Double, keys: Double, nanoseconds: Double) {
      self.remedy = remedy
      self.readPercent = readPercent
      self.threads = threads
      self.keys = keys
      self.nanoseconds = nanoseconds
    }
  }

  /// The machine on which it was measured, and when.
  package let machine: String
  let rows: [Row]

  /// The time between two operations of all threads together, which do nothing else; `nil` where
  /// the model was not measured. Between the circumstances that were measured it is interpolated:
  /// by the share of writes, and by the logarithms of threads and keys. Beyond them it is that of
  /// the last.
  package func nanoseconds(_ remedy: Remedy, readShare: Double, threads: Int, keys: Int) -> Double? {
    let own = rows.filter { $0.remedy == remedy }
    if own.isEmpty { return nil }
    let (threads, keys) = (naturalLogarithm(Double(max(threads, 1))), naturalLogarithm(Double(max(keys, 1))))
    return Self.interpolated(own, at: keys, by: { naturalLogarithm($0.keys) }) { rows in
      Self.interpolated(rows, at: threads, by: { naturalLogarithm($0.threads) }) { rows in
        // Near 100 % the cost changes most: the square root spreads that end.
        Self.interpolated(rows, at: (1 - readShare).squareRoot(), by: { (1 - $0.readPercent / 100).squareRoot() }) {
          $0[0].nanoseconds
        }
      }
    }
  }

  private static func interpolated(
    _ rows: [Row], at place: Double, by axis: (Row) -> Double, _ value: ([Row]) -> Double
  ) -> Double {
    let places = Set(rows.map(axis)).sorted()
    func at(_ place: Double) -> Double { value(rows.filter { axis($0) == place }) }
    guard let above = places.firstIndex(where: { $0 >= place }) else { return at(places[places.count - 1]) }
    if above == 0 || places[above] == place { return at(places[above]) }
    let (low, high) = (places[above - 1], places[above])
    let share = (place - low) / (high - low)
    return at(low) * (1 - share) + at(high) * share
  }
}

#endif
