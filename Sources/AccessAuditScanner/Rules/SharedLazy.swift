// SPDX-License-Identifier: Apache-2.0
//
// The rule `shared-lazy`. It reads only profiles.

#if Scanner

/// A lazy property that several threads access.
enum SharedLazy: Rule {
  static let descriptor = RuleDescriptor(
    id: "shared-lazy", severity: .error,
    summary: "A `lazy var` is reached by several threads with no protection.",
    rationale: """
      The first read of a `lazy var` writes it. Two first reads write it twice, one over the other, and one of the readers \
      may hold storage that has just been freed.
      """,
    badExample: """
      import Dispatch

      final class Rules {
        private lazy var rules: [String] = ["a", "b"]

        func check() {
          DispatchQueue.concurrentPerform(iterations: 2) { _ in
            print(self.rules.count)
          }
        }
      }
      """,
    goodExample: """
      import Dispatch

      final class Rules {
        private let rules: [String] = ["a", "b"]

        func check() {
          DispatchQueue.concurrentPerform(iterations: 2) { _ in
            print(self.rules.count)
          }
        }
      }
      """,
    limits: """
      Lazy properties of any type are watched. A first read that is known to come before the threads start is not \
      recognised.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.compactMap { profile in
      guard profile.variable.isLazy, !profile.isGlobal, profile.isolation == nil, case .none = profile.protection,
        profile.wrapper == nil
      else { return nil }
      let isDeclaredShared = profile.owner?.isUncheckedSendable ?? false
      guard let access = profile.conflict?.first ?? (isDeclaredShared ? profile.accesses.first : nil) else {
        return nil
      }
      return context.finding(
        descriptor, profile, at: access, against: profile.conflict?.second,
        "the lazy variable '\(profile.variable.symbol)' is reached here\(context.whereabouts(access)) by several threads; "
          + "its first read writes it", severity: profile.conflict == nil ? .note : nil)
    }
  }
}

#endif
