// SPDX-License-Identifier: Apache-2.0
//
// The rule `two-guards`. It reads only profiles.

#if Scanner

/// Accesses under different locks or queues.
enum TwoGuards: Rule {
  static let descriptor = RuleDescriptor(
    id: "two-guards", severity: .error,
    summary: "One collection is guarded by two different locks or queues.",
    rationale: """
      Each guard keeps its own users apart, and nobody keeps the two groups apart. The code looks protected everywhere, \
      which is why this one lives long.
      """,
    badExample: """
      import Foundation

      final class Inbox {
        private let sendLock = NSLock()
        private let receiveLock = NSLock()
        private var messages: [String] = []

        func receive(_ message: String) {
          receiveLock.withLock { messages.append(message) }
        }

        func send() -> String? {
          sendLock.withLock { messages.popLast() }
        }
      }
      """,
    goodExample: """
      import Foundation

      final class Inbox {
        private let lock = NSLock()
        private var messages: [String] = []

        func receive(_ message: String) {
          lock.withLock { messages.append(message) }
        }

        func send() -> String? {
          lock.withLock { messages.popLast() }
        }
      }
      """,
    limits: """
      Two names of one lock count as two locks unless one is a local `let` of the other. A queue that targets another \
      queue is taken to be independent of it.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    PartialProtection.violations(context) { access, guardID in
      !access.record.released.contains(guardID) && PartialProtection.holdsAnother(access, than: guardID)
    }.map { profile, access, guardID in
      let mine = access.held.first { ($0.kind == .lock || $0.kind == .queue) && $0.id != guardID }?.id ?? ""
      return context.finding(
        descriptor, profile, at: access, against: PartialProtection.counterpart(profile, access, guardID),
        "'\(profile.variable.symbol)' is \(access.record.isWrite ? "written" : "read") here under "
          + "'\(context.guardName(mine))', and elsewhere under '\(context.guardName(guardID))'")
    }
  }
}

#endif
