// SPDX-License-Identifier: Apache-2.0
//
// What is kept of a stream that is too long to keep: counts of distinct numbers, frequent numbers,
// spreads. Each takes a fixed amount of memory, however long the stream.

#if REPORTS && canImport(Glibc)

/// How many distinct numbers there were: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog: the
/// analysis of a near-optimal cardinality estimation algorithm" (2007), with 4 096 registers: a
/// standard error of 1.6 %.
struct DistinctCount {
  private static let bits = 12
  private var registers = [UInt8](repeating: 0, count: 1 << DistinctCount.bits)

  mutating func add(_ number: UInt64) {
    // Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014): the mixing.
    var hash = number &+ 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    hash ^= hash >> 31
    let index = Int(hash >> UInt64(64 - Self.bits))
    let rank = UInt8(((hash << UInt64(Self.bits)) | 1 << UInt64(Self.bits - 1)).leadingZeroBitCount + 1)
    if rank > registers[index] { registers[index] = rank }
  }

  /// - Complexity: O(registers).
  var estimate: Int {
    let count = Double(registers.count)
    let sum = registers.reduce(0.0) { $0 + 1 / Double(UInt64(1) << UInt64($1)) }
    let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
    let empty = registers.count { $0 == 0 }
    // Where few registers are used, how many are not says more.
    if raw <= 2.5 * count, empty > 0 { return Int((count * naturalLogarithm(count / Double(empty))).rounded()) }
    return Int(raw.rounded())
  }
}

/// The numbers that came most often: Metwally, Agrawal, El Abbadi, "Efficient computation of
/// frequent and top-k elements in data streams" (2005). A count is too high by at most its error.
struct FrequentNumbers {
  private struct Counter {
    var number: UInt32
    var count: UInt64
    var error: UInt64
  }

  private static let capacity = 64
  private var counters: [Counter] = []
  private var places: [UInt32: Int] = [:]

  mutating func add(_ number: UInt32) {
    if let place = places[number] {
      counters[place].count += 1
    } else if counters.count < Self.capacity {
      places[number] = counters.count
      counters.append(Counter(number: number, count: 1, error: 0))
    } else {
      var least = 0
      for index in 1..<Self.capacity where counters[index].count < counters[least].count { least = index }
      places[counters[least].number] = nil
      places[number] = least
      let count = counters[least].count
      counters[least] = Counter(number: number, count: count + 1, error: count)
    }
  }

  /// The most frequent numbers that are certain to have come more often than they may not have.
  func top(_ count: Int) -> [(number: UInt32, count: UInt64)] {
    counters.sorted { ($1.count - $1.error, $0.number) < ($0.count - $0.error, $1.number) }.prefix(count)
      .filter { $0.count > 2 * $0.error }.map { ($0.number, $0.count - $0.error) }
  }
}

/// The spread of durations, in classes that are a fifth wide at most.
package struct Spread: Sendable, Codable, Equatable {
  /// How many were in each class; trailing classes without any are left out.
  package private(set) var classes: [UInt64] = []
  package private(set) var count: UInt64 = 0
  package private(set) var sum: Double = 0
  package private(set) var greatest: UInt64 = 0

  package init() {}

  package mutating func add(_ number: UInt64) {
    let index = Self.index(number)
    while classes.count <= index { classes.append(0) }
    classes[index] += 1
    count += 1
    sum += Double(number)
    greatest = max(greatest, number)
  }

  /// This spread and another one.
  package func merged(_ other: Spread) -> Spread {
    var merged = self
    while merged.classes.count < other.classes.count { merged.classes.append(0) }
    for (index, number) in other.classes.enumerated() { merged.classes[index] += number }
    merged.count += other.count
    merged.sum += other.sum
    merged.greatest = max(greatest, other.greatest)
    return merged
  }

  private static func index(_ number: UInt64) -> Int {
    if number < 4 { return Int(number) }
    let exponent = 63 - number.leadingZeroBitCount
    return 4 * (exponent - 1) + Int(number >> UInt64(exponent - 2) & 3)
  }

  /// The least number of a class.
  package static func lowerBound(_ index: Int) -> UInt64 {
    if index < 4 { return UInt64(index) }
    let exponent = index / 4 + 1
    return (UInt64(4 + index % 4)) << UInt64(exponent - 2)
  }

  package var mean: Double { count == 0 ? 0 : sum / Double(count) }

  /// The number that a share of all are below, to a class; 0 where there are none.
  package func quantile(_ share: Double) -> UInt64 {
    var rest = UInt64((Double(count) * share).rounded(.up))
    if rest == 0 { return classes.firstIndex { $0 > 0 }.map(Self.lowerBound) ?? 0 }
    for (index, number) in classes.enumerated() {
      if number >= rest { return min(Self.lowerBound(index + 1) - 1, greatest) }
      rest -= number
    }
    return greatest
  }
}

/// The time from the insertion of keys to their removal, of a share of all keys.
struct KeyLifetimes {
  private static let limit = 4_096
  private var mask: UInt32 = 0
  private var inserted: [UInt64: UInt64] = [:]
  private(set) var spread = Spread()
  /// Keys that were inserted and not removed, of those that are looked at.
  var living: Int { inserted.count }

  mutating func insert(_ key: UInt32, of collection: UInt64, at time: UInt64) {
    if key & mask != 0 { return }
    inserted[Self.name(key, collection)] = time
    while inserted.count > Self.limit {
      mask = mask << 1 | 1
      inserted = inserted.filter { UInt32(truncatingIfNeeded: $0.key) & mask == 0 }
    }
  }

  mutating func remove(_ key: UInt32, of collection: UInt64, at time: UInt64) {
    if key & mask != 0 { return }
    guard let begin = inserted.removeValue(forKey: Self.name(key, collection)) else { return }
    spread.add(time > begin ? time - begin : 0)
  }

  private static func name(_ key: UInt32, _ collection: UInt64) -> UInt64 {
    (collection &* 0x9E37_79B9_7F4A_7C15) & 0xFFFF_FFFF_0000_0000 | UInt64(key)
  }
}

/// The logarithm to the base e. Without Foundation, of numbers of at least 1.
func naturalLogarithm(_ number: Double) -> Double {
  // number = m · 2^e with m in 1 ..< 2; the series of the inverse hyperbolic tangent converges
  // fast.
  let (exponent, significand) = (Double(number.exponent), number.significand)
  let ratio = (significand - 1) / (significand + 1)
  var (term, sum, divisor) = (ratio, 0.0, 1.0)
  while divisor < 60 {
    sum += term / divisor
    term *= ratio * ratio
    divisor += 2
  }
  return 2 * sum + exponent * 0.693_147_180_559_945_3
}

#endif
