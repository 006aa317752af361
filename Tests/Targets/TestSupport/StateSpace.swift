// SPDX-License-Identifier: Apache-2.0
//
// The one explorer of all models: it visits each state that can be reached, in any order of the
// threads' steps. Pure.

package enum StateSpace {
  /// Visits every state that can be reached from the given one, each once.
  ///
  /// - Parameter successors: Looks at a state; returns the states that can follow it, or `nil` to
  ///   end the visit.
  /// - Returns: The number of states visited.
  /// - Complexity: O(states and transitions) in time, O(states) in memory.
  @discardableResult
  package static func visit<State: Hashable>(
    from first: State, _ successors: (State) throws -> [State]?
  ) rethrows -> Int {
    var seen: Set<State> = [first]
    var waiting = [first]
    var states = 0
    while let state = waiting.popLast() {
      states += 1
      guard let following = try successors(state) else { break }
      for next in following where seen.insert(next).inserted { waiting.append(next) }
    }
    return states
  }
}
