// SPDX-License-Identifier: Apache-2.0
//
// The rule `missing-barrier`. It reads only profiles.

#if Scanner

/// A write that holds its guard only as a reader.
enum MissingBarrier: Rule {
  static let descriptor = RuleDescriptor(
    id: "missing-barrier", severity: .error,
    summary: "A collection is changed on a concurrent queue without the barrier flag, or under a read lock.",
    rationale: """
      A concurrent queue runs plain work side by side. Only work with `flags: .barrier` runs alone, as only the writing \
      side of a read-write lock excludes readers.
      """,
    badExample: """
      import Dispatch

      final class Values {
        private let queue = DispatchQueue(label: "values", attributes: .concurrent)
        private var values: [String: Int] = [:]

        func get(_ key: String) -> Int? {
          queue.sync { values[key] }
        }

        func set(_ key: String, _ value: Int) {
          queue.async { self.values[key] = value }
        }
      }
      """,
    goodExample: """
      import Dispatch

      final class Values {
        private let queue = DispatchQueue(label: "values", attributes: .concurrent)
        private var values: [String: Int] = [:]

        func get(_ key: String) -> Int? {
          queue.sync { values[key] }
        }

        func set(_ key: String, _ value: Int) {
          queue.async(flags: .barrier) { self.values[key] = value }
        }
      }
      """,
    limits: """
      Whether a queue is concurrent is read from its initial value, or from an assignment in the initialiser. A queue that \
      is passed in is taken to be serial.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.flatMap { profile -> [Finding] in
      let id: String
      switch profile.protection {
      case .full(let found), .partial(let found): id = found
      case .sufficient, .none: return []
      }
      guard profile.wrapper == nil else { return [] }
      return profile.writes.compactMap { access in
        guard let lock = access.held.held(id), !lock.isExclusive,
          !access.held.contains(where: { $0.kind == .promise })
        else { return nil }
        let other = profile.accesses.first { $0.record.start != access.record.start && $0.holds(id) }
        let missing = lock.kind == .queue ? "a barrier on the concurrent queue" : "the writing side of"
        return context.finding(
          descriptor, profile, at: access, against: other,
          "'\(profile.variable.symbol)' is written here without \(missing) '\(context.guardName(id))'")
      }
    }
  }
}

#endif
