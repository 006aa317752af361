// SPDX-License-Identifier: Apache-2.0
//
// The rule `unguarded-read`. It reads only profiles.

#if Scanner

/// A read without the guard that the writes hold.
enum UnguardedRead: Rule {
  static let descriptor = RuleDescriptor(
    id: "unguarded-read", severity: .error,
    summary: "A collection is read outside the lock or queue that guards its writes.",
    rationale: """
      Reading is not safe beside a write: `count`, `isEmpty` and a look-up all follow a reference that the writer may just \
      have freed.
      """,
    badExample: """
      import Foundation

      final class Journal {
        private let lock = NSLock()
        private var lines: [String] = []

        func write(_ line: String) {
          lock.withLock { lines.append(line) }
        }

        var isEmpty: Bool { lines.isEmpty }
      }
      """,
    goodExample: """
      import Foundation

      final class Journal {
        private let lock = NSLock()
        private var lines: [String] = []

        func write(_ line: String) {
          lock.withLock { lines.append(line) }
        }

        var isEmpty: Bool { lock.withLock { lines.isEmpty } }
      }
      """,
    limits: """
      As for `guarded-elsewhere`. Reads in an initialiser or deinitialiser are never reported.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    PartialProtection.violations(context) { access, guardID in
      // Reads outside the main queue are mostly those of the user interface, which is on the main
      // thread already.
      !access.record.isWrite && guardID != "MainActor" && !access.record.released.contains(guardID)
        && !PartialProtection.holdsAnother(access, than: guardID)
    }.map { profile, access, guardID in
      context.finding(
        descriptor, profile, at: access, against: PartialProtection.counterpart(profile, access, guardID),
        "'\(profile.variable.symbol)' is read here\(context.whereabouts(access)) without "
          + "'\(context.guardName(guardID))', which guards its writes")
    }
  }
}

#endif
