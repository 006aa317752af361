// SPDX-License-Identifier: Apache-2.0
//
// The budget, the random numbers and the result of a search for an overlap. Values only.

public import AccessAudit

/// The limits of a search for an overlap.
public struct OverlapBudget: Sendable, Hashable {
  /// The largest number of attempts.
  public var attempts: Int
  /// The time after the first attempt in which further ones may begin.
  public var time: Duration

  public init(attempts: Int = 1_000, time: Duration = .seconds(10)) {
    self.attempts = attempts
    self.time = time
  }
}

/// One attempt to make two accesses overlap.
public struct OverlapAttempt: Sendable, Hashable {
  /// The attempt's number, from 0.
  public let number: Int
  /// The seed of the whole search.
  public let seed: UInt64

  public init(number: Int, seed: UInt64) {
    self.number = number
    self.seed = seed
  }

  /// A generator whose numbers depend on the seed, the attempt and the thread only.
  public func generator(forThread thread: Int = 0) -> SeededGenerator {
    var mixer = SeededGenerator(seed: seed)
    let base = mixer.next()
    return SeededGenerator(seed: base &+ UInt64(number) &* 0x1_0000 &+ UInt64(thread))
  }

  /// Waits for a random time, so that attempts differ in how the threads meet.
  ///
  /// - Blocking: up to `limit`; spins.
  public func jitter(thread: Int, atMost limit: Duration = .microseconds(50)) {
    var generator = generator(forThread: thread)
    let fraction = Double(generator.next() >> 11) / Double(1 << 53)
    let clock = ContinuousClock()
    let end = clock.now + limit * fraction
    while clock.now < end {}
  }
}

/// A small generator that gives the same numbers for the same seed: Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators" (2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The result of a search for an overlap.
public struct OverlapOutcome: Sendable {
  /// The violations of the attempt that found any; empty when the budget ran out.
  public var violations: [Violation]
  /// The number of attempts made.
  public var attempts: Int
  public var elapsed: Duration
  /// The search's seed, to run it again.
  public var seed: UInt64
}

/// The error of a search that found no overlap.
public struct OverlapMissing: Error, Sendable, CustomStringConvertible {
  public var kinds: Set<ViolationKind>
  public var attempts: Int
  public var elapsed: Duration
  public var seed: UInt64

  public var description: String {
    let what = kinds.isEmpty ? "overlap" : kinds.map(\.rawValue).sorted().joined(separator: " or ")
    let build =
      AuditBuild.isAudited ? "" : "; \(AuditBuild.compiledOut)"
    return "no \(what) in \(attempts) attempt\(attempts == 1 ? "" : "s") (\(elapsed)); "
      + "run it again with seed: \(seed)\(build)"
  }
}

/// The configuration that this build was compiled with.
package enum AuditBuild {
  /// Why the audited types do not audit; empty where they do.
  package static var compiledOut: String {
    #if AUDITED && canImport(Glibc)
    ""
    #else
    Unaudited.reason
    #endif
  }

  /// True when the audited types audit.
  package static var isAudited: Bool { compiledOut.isEmpty }
}
