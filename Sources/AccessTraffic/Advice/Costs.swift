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

/// The keys that costs were measured with.
package enum MeasuredKey: String, Sendable, Hashable, CaseIterable {
  case integer = "Int"
  case string = "String"

  /// Those of a dictionary's type, as `AuditedDictionary<Int, Order>`; `nil` where they are others.
  init?(dictionary type: String) {
    guard let begin = type.firstIndex(of: "<"), let end = type[begin...].firstIndex(where: { ",>".contains($0) })
    else { return nil }
    switch type[type.index(after: begin)..<end].replacing("Swift.", with: "") {
    case "Int", "UInt", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64": self = .integer
    case "String", "Substring": self = .string
    default: return nil
    }
  }
}

/// Measured times of an operation.
package struct MeasuredCosts: Sendable {
  /// One curve against threads.
  package struct Row: Sendable {
    let remedy: Remedy
    let key: MeasuredKey
    let keys: Double
    let readPercent: Double
    /// The share of operations of one key, and of those that visit all elements.
    let hotPercent: Double
    let visitPercent: Double
    /// By the number of threads.
    let nanoseconds: [Double: Double]

    init(
      _ remedy: Remedy, _ key: MeasuredKey, keys: Double, reads: Double, hot: Double = 0, visits: Double = 0,
      _ nanoseconds: [Double: Double]
    ) {
      self.remedy = remedy
      self.key = key
      self.keys = keys
      readPercent = reads
      hotPercent = hot
      visitPercent = visits
      self.nanoseconds = nanoseconds
    }
  }

  /// The circumstances of an operation.
  package struct Place: Sendable {
    package var readShare: Double
    package var threads: Int
    package var keys: Int
    /// `nil`: others than were measured, which are taken for the mean of those that were.
    package var key: MeasuredKey?
    package var hotShare: Double
    package var visitShare: Double
    /// Of accesses to the whole that touch no element, as `count`.
    package var countShare: Double

    package init(
      readShare: Double, threads: Int, keys: Int, key: MeasuredKey? = nil, hotShare: Double = 0,
      visitShare: Double = 0, countShare: Double = 0
    ) {
      self.readShare = readShare
      self.threads = threads
      self.keys = keys
      self.key = key
      self.hotShare = hotShare
      self.visitShare = visitShare
      self.countShare = countShare
    }
  }

  /// The machine on which it was measured, and when.
  package let machine: String
  let rows: [Row]

  /// The time between two operations of all threads together, which do nothing else; `nil` where
  /// the model was not measured.
  ///
  /// Between the circumstances that were measured it is interpolated: by the share of writes, and
  /// by the logarithms of threads and keys. Beyond them it is that of the last. One hot key changes
  /// it by as much as where that was measured; a visit takes a time of its own and one for each
  /// element; a `count` the former.
  package func nanoseconds(_ remedy: Remedy, _ place: Place) -> Double? {
    let times = (place.key.map { [$0] } ?? MeasuredKey.allCases).compactMap { nanoseconds(remedy, $0, place) }
    // The geometric mean of two.
    return times.count == 2 ? (times[0] * times[1]).squareRoot() : times.first
  }

  private func nanoseconds(_ remedy: Remedy, _ key: MeasuredKey, _ place: Place) -> Double? {
    let own = rows.filter { $0.remedy == remedy && $0.key == key }
    let usual = own.filter { $0.hotPercent == 0 && $0.visitPercent == 0 }
    if usual.isEmpty { return nil }
    var time = Self.time(usual, place, keys: place.keys)
    let hot = own.filter { $0.hotPercent > 0 }
    if place.hotShare > 0, let measured = hot.first {
      let ratio = Self.time(hot, place, keys: 1) / Self.time(usual, place, keys: Int(measured.keys))
      time *= 1 + (ratio - 1) * min(place.hotShare * 100 / measured.hotPercent, 1)
    }
    if place.visitShare + place.countShare > 0, let visit = Self.visit(own, usual, place) {
      time *= 1 - place.visitShare - place.countShare
      time += visit(place.keys) * place.visitShare + visit(0) * place.countShare
    }
    return time
  }

  /// The time of a visit by the number of keys: a part that does not depend on the elements, as the
  /// locks of all shards, and a part for each of them.
  private static func visit(_ own: [Row], _ usual: [Row], _ place: Place) -> ((Int) -> Double)? {
    let measured = Dictionary(grouping: own.filter { $0.visitPercent > 0 }, by: \.keys).sorted { $0.key < $1.key }
    let times = measured.map { keys, rows in
      let share = rows[0].visitPercent / 100
      let others = time(usual, place, keys: Int(keys)) * (1 - share)
      return (keys: keys, nanoseconds: max((time(rows, place, keys: Int(keys)) - others) / share, 0))
    }
    guard let few = times.first, let many = times.last, few.keys < many.keys else { return nil }
    let each = max((many.nanoseconds - few.nanoseconds) / (many.keys - few.keys), 0)
    return { max(few.nanoseconds + each * (Double($0) - few.keys), 0) }
  }

  private static func time(_ rows: [Row], _ place: Place, keys: Int) -> Double {
    let (threads, keys) = (naturalLogarithm(Double(max(place.threads, 1))), naturalLogarithm(Double(max(keys, 1))))
    return interpolated(rows, at: keys, by: { naturalLogarithm($0.keys) }) { rows in
      // Near 100 % the cost changes most: the square root spreads that end.
      let writes = (1 - place.readShare).squareRoot()
      return interpolated(rows, at: writes, by: { (1 - $0.readPercent / 100).squareRoot() }) { rows in
        interpolated(Array(rows[0].nanoseconds), at: threads, by: { naturalLogarithm($0.key) }) { $0[0].value }
      }
    }
  }

  private static func interpolated<Element>(
    _ elements: [Element], at place: Double, by axis: (Element) -> Double, _ value: ([Element]) -> Double
  ) -> Double {
    let places = Set(elements.map(axis)).sorted()
    func at(_ place: Double) -> Double { value(elements.filter { axis($0) == place }) }
    guard let above = places.firstIndex(where: { $0 >= place }) else { return at(places[places.count - 1]) }
    if above == 0 || places[above] == place { return at(places[above]) }
    let (low, high) = (places[above - 1], places[above])
    let share = (place - low) / (high - low)
    return at(low) * (1 - share) + at(high) * share
  }
}

#endif
