// SPDX-License-Identifier: Apache-2.0
//
// The protection of an access: a lock, a queue or an actor, and the mode in which it is held. Plain
// values.

#if Scanner

/// The kinds of protection.
enum GuardKind: Sendable, Hashable {
  case lock
  case queue
  case isolation
  /// A promise in the code: a name that states that the lock is held, a precondition on the
  /// queue.
  case promise
  /// A serial context that the caller does not name, such as a session's delegate queue.
  case implicit
}

/// One protection that is held at an access.
struct Guard: Sendable, Hashable {
  /// The name of the guard: `Type.variable`, `local name`, `main`, `actor Type`.
  var id: String
  var kind: GuardKind
  /// False for the reading side of a read-write lock, and for plain work on a concurrent queue.
  var isExclusive: Bool
  /// The number of this acquisition in the function; it differs between two scopes of one lock.
  var scope: Int
  /// The variable that holds the guard, the same as `id`.
  var variable: String { id }
}

extension [Guard] {
  /// True when the two sets of guards keep two accesses from running at the same time.
  func excludes(_ other: [Guard], bothRead: Bool) -> Bool {
    if bothRead { return true }
    for mine in self {
      if mine.kind == .promise { return true }
      for theirs in other {
        if theirs.kind == .promise { return true }
        if mine.id == theirs.id, mine.isExclusive || theirs.isExclusive { return true }
      }
    }
    return false
  }

  /// The guard of that ID, exclusive before shared.
  func held(_ id: String) -> Guard? { first { $0.id == id && $0.isExclusive } ?? first { $0.id == id } }

  /// The guards that are also in `other`, as after a branch.
  func intersection(_ other: [Guard]) -> [Guard] { filter { mine in other.contains { $0.id == mine.id } } }
}

#endif
