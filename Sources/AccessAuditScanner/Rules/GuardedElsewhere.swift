// SPDX-License-Identifier: Apache-2.0
//
// The rule `guarded-elsewhere`. It reads only profiles.

#if Scanner

/// A write without the guard that most accesses hold.
enum GuardedElsewhere: Rule {
  static let descriptor = RuleDescriptor(
    id: "guarded-elsewhere", severity: .error,
    summary: "Most accesses of a collection are under one lock or queue; this write is not.",
    rationale: """
      Code that locks in most places says that the collection is shared. A write that does not take the lock overlaps \
      with every access that does.
      """,
    badExample: """
      import Foundation

      final class Sessions {
        private let lock = NSLock()
        private var open: Set<Int> = []

        func insert(_ id: Int) {
          lock.withLock { _ = open.insert(id) }
        }

        func contains(_ id: Int) -> Bool {
          lock.withLock { open.contains(id) }
        }

        func reset() {
          open.removeAll()
        }
      }
      """,
    goodExample: """
      import Foundation

      final class Sessions {
        private let lock = NSLock()
        private var open: Set<Int> = []

        func insert(_ id: Int) {
          lock.withLock { _ = open.insert(id) }
        }

        func contains(_ id: Int) -> Bool {
          lock.withLock { open.contains(id) }
        }

        func reset() {
          lock.withLock { open.removeAll() }
        }
      }
      """,
    limits: """
      The guard must be held at half of the accesses or at every write. A method counts as guarded when every call of it \
      in the module is made with the guard held, or when its name or comment says so (`…Locked`, "must hold the lock"). \
      The main queue counts as a guard where three functions or more do nothing but go there, and for writes only.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    PartialProtection.violations(context) { access, guardID in
      access.record.isWrite && !access.record.released.contains(guardID)
        && !PartialProtection.holdsAnother(access, than: guardID)
        && !(guardID == "MainActor" && access.function.isOverride)
    }.map { profile, access, guardID in
      context.finding(
        descriptor, profile, at: access, against: PartialProtection.counterpart(profile, access, guardID),
        "'\(profile.variable.symbol)' is written here\(context.whereabouts(access)) without "
          + "'\(context.guardName(guardID))', which protects it elsewhere")
    }
  }
}

/// The code that the rules on partly guarded variables share.
enum PartialProtection {
  /// The accesses that lack the guard of a partly guarded variable and satisfy `predicate`.
  static func violations(
    _ context: RuleContext, where predicate: (SharedAccess, String) -> Bool
  ) -> [(VariableProfile, SharedAccess, String)] {
    context.profiles.flatMap { profile -> [(VariableProfile, SharedAccess, String)] in
      guard case .partial(let id) = profile.protection, profile.isolation == nil, profile.wrapper == nil else {
        return []
      }
      return profile.accesses.filter { !$0.holds(id) && predicate($0, id) && matters($0, profile, id, context) }.map {
        (profile, $0, id)
      }
    }
  }

  /// True when another access can overlap with this one; for a read, only a write counts.
  private static func matters(
    _ access: SharedAccess, _ profile: VariableProfile, _ id: String, _ context: RuleContext
  ) -> Bool {
    profile.accesses.contains { other in
      (access.record.isWrite || other.record.isWrite) && !other.held.excludes(access.held, bothRead: false)
        && (other.holds(id) || other.record.start != access.record.start) && !hasEnded(other, before: access, context)
    }
  }

  /// True when the other access is in work that this access's body started and has waited for.
  private static func hasEnded(_ other: SharedAccess, before access: SharedAccess, _ context: RuleContext) -> Bool {
    guard other.record.function == access.record.function, access.record.frames.isEmpty,
      let frame = other.record.frames.first
    else { return false }
    return (context.bodies[access.record.function].frames[frame].joined ?? Int.max) < access.record.order
  }

  /// True when the access is under a different lock or queue.
  static func holdsAnother(_ access: SharedAccess, than id: String) -> Bool {
    access.held.contains { ($0.kind == .lock || $0.kind == .queue) && $0.id != id }
  }

  /// The access to show beside this one: a write under the guard, otherwise any access under it.
  static func counterpart(_ profile: VariableProfile, _ access: SharedAccess, _ id: String) -> SharedAccess? {
    let guarded = profile.accesses.filter { $0.held.contains { $0.id == id } }
    return guarded.first { $0.record.isWrite } ?? guarded.first
  }
}

#endif
