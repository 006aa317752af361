// SPDX-License-Identifier: Apache-2.0
//
// The rule `early-unlock`. It reads only profiles.

#if Scanner

/// An access after the unlock in the same body.
enum EarlyUnlock: Rule {
  static let descriptor = RuleDescriptor(
    id: "early-unlock", severity: .error,
    summary: "The lock is given back before the last access of the collection.",
    rationale: """
      The body took the lock for this collection, gave it back, and went on using the collection. What follows the unlock \
      is as unprotected as if there were no lock.
      """,
    badExample: """
      import Foundation

      final class Names {
        private let lock = NSLock()
        private var names: [String] = []

        func add(_ name: String) -> Int {
          lock.lock()
          names.append(name)
          lock.unlock()
          return names.count
        }
      }
      """,
    goodExample: """
      import Foundation

      final class Names {
        private let lock = NSLock()
        private var names: [String] = []

        func add(_ name: String) -> Int {
          lock.lock()
          defer { lock.unlock() }
          names.append(name)
          return names.count
        }
      }
      """,
    limits: """
      Seen are `lock` and `unlock` of one body; on branches, the lock counts as given back when every way that goes on has \
      given it back.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    PartialProtection.violations(context) { access, guardID in access.record.released.contains(guardID) }
      .map { profile, access, guardID in
        context.finding(
          descriptor, profile, at: access, against: PartialProtection.counterpart(profile, access, guardID),
          "'\(profile.variable.symbol)' is \(access.record.isWrite ? "written" : "read") here after "
            + "'\(context.guardName(guardID))' was given back")
      }
  }
}

#endif
