// SPDX-License-Identifier: Apache-2.0
//
// The rule `mutable-global`. It reads only profiles.

#if Scanner

/// A global or static collection that functions change.
enum MutableGlobal: Rule {
  static let descriptor = RuleDescriptor(
    id: "mutable-global", severity: .warning,
    summary: "A global or static collection is changed by functions, with no protection.",
    rationale: """
      A global is shared by every thread of the process. The function that changes it cannot know who else is calling.
      """,
    badExample: """
      enum Registry {
        static var names: [Int: String] = [:]

        static func register(_ name: String) {
          names[names.count] = name
        }
      }
      """,
    goodExample: """
      import Synchronization

      enum Registry {
        static let names = Mutex<[Int: String]>([:])

        static func register(_ name: String) {
          names.withLock { $0[$0.count] = name }
        }
      }
      """,
    limits: """
      Reported without proof of a second thread. A lock that every object makes for itself protects no static member; \
      this is not reported of a type with an instance in a global or static member. Variables of a script (`main.swift`) are reported only when a closure \
      that runs elsewhere touches them.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.compactMap { profile in
      guard case .none = profile.protection, profile.isGlobal, !profile.variable.isNonisolatedUnsafe,
        profile.wrapper == nil, let write = profile.writes.first
      else { return nil }
      let isScript = profile.variable.owner == nil && context.scripts.contains(profile.variable.file)
      if isScript, profile.conflict == nil { return nil }
      let access = profile.conflict?.first ?? write
      let other = profile.conflict?.second ?? profile.accesses.first { $0.record.start != access.record.start }
      let kind = profile.variable.isStatic ? "static" : "global"
      let why =
        profile.instanceGuard.map { "under '\(context.guardName($0))', of which every object has its own" }
        ?? "with nothing that protects it"
      return context.finding(
        descriptor, profile, at: access, against: other,
        "the \(kind) collection '\(profile.variable.symbol)' is \(access.record.isWrite ? "changed" : "read") "
          + "here\(context.whereabouts(access)) \(why)")
    }
  }
}

#endif
