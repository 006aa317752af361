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
      import Dispatch

      nonisolated(unsafe) var features: [String: Bool] = [:]

      func enable(_ feature: String) {
        DispatchQueue.global().async {
          features[feature] = true
        }
      }

      func isEnabled(_ feature: String) -> Bool {
        features[feature] ?? false
      }
      """,
    goodExample: """
      import Dispatch
      import Synchronization

      let features = Mutex<[String: Bool]>([:])

      func enable(_ feature: String) {
        DispatchQueue.global().async {
          features.withLock { $0[feature] = true }
        }
      }

      func isEnabled(_ feature: String) -> Bool {
        features.withLock { $0[feature] ?? false }
      }
      """,
    limits: """
      An error where two accesses can overlap; a note where only the annotation says that the variable is shared. \
      A variable that is filled before threads start and only read afterwards is reported as long as a function fills it.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.compactMap { profile in
      guard profile.variable.isNonisolatedUnsafe, profile.owner?.kind != .actorType || profile.variable.isStatic,
        case .none = profile.protection, profile.wrapper == nil, let write = profile.writes.first
      else { return nil }
      let name = profile.variable.symbol
      if let conflict = profile.conflict {
        let verb = conflict.first.record.isWrite ? "changed" : "read"
        return context.finding(
          descriptor, profile, at: conflict.first, against: conflict.second,
          "'\(name)' is nonisolated(unsafe) and \(verb) here\(context.whereabouts(conflict.first)) with nothing that "
            + "protects it, while another thread can be in it")
      }
      let other = profile.accesses.first { $0.record.start != write.record.start }
      return context.finding(
        descriptor, profile, at: write, against: other,
        "'\(name)' is nonisolated(unsafe) and changed here with nothing that protects it; no second thread is seen",
        severity: .note)
    }
  }
}

#endif
