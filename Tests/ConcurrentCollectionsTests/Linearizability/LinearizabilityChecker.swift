// SPDX-License-Identifier: Apache-2.0
//
// Decides whether a history is linearizable. Pure computation.

/// Searches for an order of operations that explains a history.
///
/// J. Wing and C. Gong, "Testing and Verifying Concurrent Objects", JPDC 17, 1993: take any
/// operation before whose beginning no other one ended, and apply it to the model. If its result is
/// the recorded one, continue with the rest; otherwise backtrack. Configurations that were seen
/// (the set of applied operations, and the state) are not searched again (G. Lowe, "Testing for
/// linearizability", 2017). Linearizability is local (M. Herlihy and J. Wing, 1990), so each key is
/// searched separately.
enum LinearizabilityChecker {
  /// A key without an order that explains its events.
  struct Failure: Equatable {
    var key: Int
    var events: [Event]
  }

  /// Checks a history; each key is absent at its beginning.
  ///
  /// - Returns: The first key without an explanation; nil if all have one.
  static func failure(in events: [Event]) -> Failure? {
    for (key, events) in Dictionary(grouping: events, by: \.key).sorted(by: { $0.key < $1.key }) {
      let ordered = events.sorted { $0.began < $1.began }
      if !isLinearizable(ordered) { return Failure(key: key, events: ordered) }
    }
    return nil
  }

  private struct Configuration: Hashable {
    var done: UInt64
    var state: Int?
  }

  private static func isLinearizable(_ events: [Event]) -> Bool {
    precondition(events.count <= 64, "a key's history must fit into a word")
    let all: UInt64 = events.count == 64 ? .max : (1 << UInt64(events.count)) - 1
    var seen: Set<Configuration> = []
    var open = [Configuration(done: 0, state: nil)]
    while let configuration = open.popLast() {
      if configuration.done == all { return true }
      // The first end among the operations left: an operation that began after it cannot be next.
      var firstEnd = Int.max
      for (index, event) in events.enumerated() where configuration.done & (1 << UInt64(index)) == 0 {
        firstEnd = min(firstEnd, event.ended)
      }
      for (index, event) in events.enumerated() where configuration.done & (1 << UInt64(index)) == 0 {
        guard event.began < firstEnd else { break }
        let (state, result) = event.operation.apply(to: configuration.state)
        guard result == event.result else { continue }
        let next = Configuration(done: configuration.done | (1 << UInt64(index)), state: state)
        if seen.insert(next).inserted { open.append(next) }
      }
    }
    return false
  }
}
