// SPDX-License-Identifier: Apache-2.0
//
// The rule `unchecked-sendable`. It reads only profiles.

#if Scanner

/// A type that is declared safe to share and has an unprotected collection.
enum UncheckedSendable: Rule {
  static let descriptor = RuleDescriptor(
    id: "unchecked-sendable", severity: .error,
    summary: "A class that is `@unchecked Sendable` changes a collection with no protection.",
    rationale: """
      `@unchecked Sendable` says that the type does its own locking; every thread may use it. The compiler takes the word \
      for it.
      """,
    badExample: """
      import Dispatch

      final class Icons: @unchecked Sendable {
        private var icons: [String: [UInt8]] = [:]

        func store(_ icon: [UInt8], _ name: String) {
          DispatchQueue.global().async {
            self.icons[name] = icon
          }
        }

        func icon(_ name: String) -> [UInt8]? {
          icons[name]
        }
      }
      """,
    goodExample: """
      import Foundation

      final class Icons: @unchecked Sendable {
        private let lock = NSLock()
        private var icons: [String: [UInt8]] = [:]

        func store(_ icon: [UInt8], _ name: String) {
          DispatchQueue.global().async {
            self.lock.withLock { self.icons[name] = icon }
          }
        }

        func icon(_ name: String) -> [UInt8]? {
          lock.withLock { icons[name] }
        }
      }
      """,
    limits: """
      An error where two accesses can overlap; a note where only the annotation says that the class is shared. \
      A class that is handed from thread to thread and never used by two at once may be `@unchecked Sendable` with reason; \
      say so in an ignore comment.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.compactMap { profile in
      guard profile.owner?.isUncheckedSendable ?? false, profile.owner?.kind == .classType, !profile.isGlobal,
        !profile.variable.isLazy, !profile.variable.isNonisolatedUnsafe, profile.wrapper == nil,
        case .none = profile.protection, let write = profile.writes.first
      else { return nil }
      let name = profile.variable.symbol
      if let conflict = profile.conflict {
        let verb = conflict.first.record.isWrite ? "changed" : "read"
        return context.finding(
          descriptor, profile, at: conflict.first, against: conflict.second,
          "'\(name)' is \(verb) here\(context.whereabouts(conflict.first)) with nothing that protects it, while another "
            + "thread can be in it; its class is @unchecked Sendable")
      }
      let other = profile.accesses.first { $0.record.start != write.record.start }
      return context.finding(
        descriptor, profile, at: write, against: other,
        "'\(name)' is changed here with nothing that protects it, though its class is @unchecked Sendable; no second "
          + "thread is seen", severity: .note)
    }
  }
}

#endif
