// SPDX-License-Identifier: Apache-2.0
//
// The rule `nonisolated-unsafe`. It reads only profiles.

#if Scanner

/// A collection that opts out of the compiler's checks without other protection.
enum NonisolatedUnsafe: Rule {
  static let descriptor = RuleDescriptor(
    id: "nonisolated-unsafe", severity: .error,
    summary: "A `nonisolated(unsafe)` collection is changed with no protection.",
    rationale: """
      `nonisolated(unsafe)` tells the compiler that something else protects the variable. Here nothing does.
      """,
    badExample: """
      nonisolated(unsafe) var features: [String: Bool] = [:]

      func enable(_ feature: String) {
        features[feature] = true
      }
      """,
    goodExample: """
      import Synchronization

      let features = Mutex<[String: Bool]>([:])

      func enable(_ feature: String) {
        features.withLock { $0[feature] = true }
      }
      """,
    limits: """
      A variable that is filled before threads start and only read afterwards is reported as long as a function fills it.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.compactMap { profile in
      guard profile.variable.isNonisolatedUnsafe, profile.owner?.kind != .actorType || profile.variable.isStatic,
        case .none = profile.protection, profile.wrapper == nil, let write = profile.writes.first
      else { return nil }
      let other = profile.accesses.first { $0.record.start != write.record.start }
      return context.finding(
        descriptor, profile, at: write, against: other,
        "'\(profile.variable.symbol)' is nonisolated(unsafe) and changed here with nothing that protects it")
    }
  }
}

#endif
