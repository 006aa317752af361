// SPDX-License-Identifier: Apache-2.0
//
// The rule `unprotected-property`. It reads only profiles.

#if Scanner

/// A stored property of a class that closures on other threads access without protection.
enum UnprotectedProperty: Rule {
  static let descriptor = RuleDescriptor(
    id: "unprotected-property", severity: .error,
    summary: "A collection in a class is changed on one thread while another can use it, with no protection.",
    rationale: """
      A Swift collection is a reference to storage that a mutation may free or move. Two threads in one collection, one \
      of them writing, corrupt memory: the process ends in malloc, in a retain, or carries on with wrong data.
      """,
    badExample: """
      import Dispatch

      final class Downloads {
        private var sizes: [String: Int] = [:]

        func start(_ name: String) {
          DispatchQueue.global().async {
            self.sizes[name] = name.count
          }
        }

        func size(_ name: String) -> Int? {
          sizes[name]
        }
      }
      """,
    goodExample: """
      import Dispatch

      final class Downloads {
        private let queue = DispatchQueue(label: "downloads")
        private var sizes: [String: Int] = [:]

        func start(_ name: String) {
          queue.async {
            self.sizes[name] = name.count
          }
        }

        func size(_ name: String) -> Int? {
          queue.sync { sizes[name] }
        }
      }
      """,
    limits: """
      Seen are closures given to Dispatch, threads, tasks, operations and completion handlers, and what they call in the \
      same module; closures in properties run where the module calls them, those of system types by their names. Of \
      `Operation` and `Thread` classes only what a loop hands to each of them is followed into `main`. An object that \
      two modules share, or that is handed over through a protocol, is not seen. Everything that no such closure \
      reaches is taken to be one thread. Work that a body starts and waits for is not taken to overlap with other \
      bodies.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    context.profiles.compactMap { profile in
      guard case .none = profile.protection, let conflict = profile.conflict, !profile.isGlobal,
        !profile.variable.isLazy, !profile.variable.isNonisolatedUnsafe, profile.wrapper == nil,
        !(profile.owner?.isUncheckedSendable ?? false)
      else { return nil }
      let access = conflict.first
      let verb = access.record.isWrite ? "written" : "read"
      return context.finding(
        descriptor, profile, at: access, against: conflict.second,
        "'\(profile.variable.symbol)' is \(verb) here\(context.whereabouts(access)) with nothing that protects it, while "
          + "another thread can be in it")
    }
  }
}

#endif
