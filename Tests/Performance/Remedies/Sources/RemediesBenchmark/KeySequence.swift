// SPDX-License-Identifier: Apache-2.0
//
// The keys and the choices between reading and writing, made before the timed part.

/// A million choices that threads walk through from different places. Made once per panel and never
/// freed.
struct KeySequence<Key: BenchmarkKey>: @unchecked Sendable {
  static var length: Int { 1 << 20 }

  /// In the order of the operations, so that fetching the next one is cheap.
  let keys: UnsafePointer<Key>
  /// 0 to 99: an operation reads if its number is below the read share.
  let lots: UnsafePointer<UInt8>

  init(keys count: Int, _ distribution: Distribution) {
    var random = SplitMix(state: 20_260_701)
    let zipf = distribution == .skewed ? Zipf(count: count, exponent: 0.99) : nil
    keys = Self.memory { _ in
      Key.make(zipf.map { $0.rank(random.unit()) } ?? Int(random.next() % UInt64(count)))
    }
    lots = Self.memory { _ in UInt8(random.next() % 100) }
  }

  private static func memory<Element>(_ element: (Int) -> Element) -> UnsafePointer<Element> {
    let memory = UnsafeMutablePointer<Element>.allocate(capacity: length)
    for index in 0..<length { (memory + index).initialize(to: element(index)) }
    return UnsafePointer(memory)
  }
}

/// The position of a thread or task in a sequence, and the operations done.
struct Walk<Key: BenchmarkKey> {
  let sequence: KeySequence<Key>
  let readPercent: UInt8
  var position: Int
  var operations = 0
  /// A sum of the values read, so that the reads are not optimised away.
  var seen = 0

  init(_ sequence: KeySequence<Key>, readPercent: Int, number: Int) {
    self.sequence = sequence
    self.readPercent = UInt8(readPercent)
    position = (number &* 7_919_337) & (KeySequence<Key>.length - 1)
  }

  var key: Key { sequence.keys[position] }
  var isRead: Bool { sequence.lots[position] < readPercent }

  @inline(__always)  // Part of the timed code.
  mutating func advance() {
    position = (position &+ 1) & (KeySequence<Key>.length &- 1)
    operations &+= 1
  }

  @inline(__always)  // The loop must hold the subject's code, specialised.
  mutating func step<S: Subject>(_ subject: S) where S.Key == Key {
    if isRead { seen &+= subject.read(key) ?? 0 } else { subject.write(key, operations) }
    advance()
  }

  /// Uses the values read.
  func end() { if seen == .min { print("") } }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to, not including, 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Zipf-distributed ranks by the approximation of J. Gray et al., "Quickly Generating
/// Billion-Record Synthetic Databases", SIGMOD 1994.
struct Zipf {
  private let count: Double
  private let exponent: Double
  private let zeta: Double
  private let alpha: Double
  private let eta: Double

  init(count: Int, exponent: Double) {
    func sum(_ count: Int) -> Double { (1...count).reduce(0) { $0 + power(Double($1), -exponent) } }
    self.count = Double(count)
    self.exponent = exponent
    zeta = sum(count)
    alpha = 1 / (1 - exponent)
    eta = (1 - power(2 / Double(count), 1 - exponent)) / (1 - sum(2) / zeta)
  }

  func rank(_ unit: Double) -> Int {
    let scaled = unit * zeta
    if scaled < 1 { return 0 }
    if scaled < 1 + power(0.5, exponent) { return 1 }
    return min(Int(count * power(eta * unit - eta + 1, alpha)), Int(count) - 1)
  }
}
