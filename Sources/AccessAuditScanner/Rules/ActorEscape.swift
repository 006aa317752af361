// SPDX-License-Identifier: Apache-2.0
//
// The rule `actor-escape`. It reads only profiles.

#if Scanner

/// An actor's collection, reached by code that is not on the actor.
enum ActorEscape: Rule {
  static let descriptor = RuleDescriptor(
    id: "actor-escape", severity: .error,
    summary:
      "A collection of an actor, or of a type on a global actor, is reached by code that is not on that actor.",
    rationale: """
      An actor protects what runs on it. A closure given to a queue or a thread, a `nonisolated` member, and \
      `nonisolated(unsafe)` state are not on it.
      """,
    badExample: """
      actor Progress {
        nonisolated(unsafe) private var done: [String: Int] = [:]

        func start(_ name: String) {
          done[name] = 0
        }

        nonisolated func step(_ name: String) {
          done[name, default: 0] += 1
        }
      }
      """,
    goodExample: """
      actor Progress {
        private var done: [String: Int] = [:]

        func start(_ name: String) {
          done[name] = 0
        }

        func step(_ name: String) {
          done[name, default: 0] += 1
        }
      }
      """,
    limits: """
      The compiler refuses most of these in the Swift 6 language mode. Isolation that a protocol of another module gives \
      is not known.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.compactMap { profile in
      guard profile.wrapper == nil else { return nil }
      if profile.owner?.kind == .actorType, profile.variable.isNonisolatedUnsafe, !profile.variable.isStatic,
        case .none = profile.protection, let write = profile.writes.first
      {
        let outside = profile.accesses.first { !$0.held.contains { $0.kind == .isolation } } ?? write
        let other = profile.accesses.first { $0.record.start != outside.record.start }
        return report(profile, outside, other, context)
      }
      guard let isolation = profile.isolation, case .partial = profile.protection,
        let outside = profile.accesses.first(where: { access in
          !access.holds(isolation) && !access.record.isForeign && (access.record.isWrite || !profile.writes.isEmpty)
        })
      else { return nil }
      let other = profile.accesses.first { $0.holds(isolation) }
      return report(profile, outside, other, context)
    }
  }

  private static func report(
    _ profile: VariableProfile, _ access: SharedAccess, _ other: SharedAccess?, _ context: RuleContext
  ) -> Finding {
    context.finding(
      descriptor, profile, at: access, against: other,
      "'\(profile.variable.symbol)' belongs to an actor and is \(access.record.isWrite ? "written" : "read") "
        + "here\(context.whereabouts(access)), outside it")
  }
}

#endif
