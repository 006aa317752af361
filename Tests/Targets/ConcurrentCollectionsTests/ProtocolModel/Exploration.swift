// SPDX-License-Identifier: Apache-2.0
//
// The models of the protocols of this target, one step of one thread at a time.

import TestSupport

/// One thread of a protocol's model.
protocol ModelThread: Hashable {
  associatedtype NextStep: Hashable
  /// Its next step.
  var step: NextStep { get set }
}

/// The memory and the threads of a protocol's model, between two steps.
protocol ModelState: Hashable {
  associatedtype Thread: ModelThread
  var threads: [Thread] { get set }
  /// The states that can follow when one thread takes its next step.
  func successors(of thread: Int) -> [Self]
  /// True when something has happened that the protocol rules out.
  var isBroken: Bool { get }
  /// True when every thread has finished its work.
  var isFinal: Bool { get }
}

extension ModelState {
  /// The states that can follow: one for each step that a thread can take.
  var successors: [Self] { threads.indices.flatMap(successors) }

  func changed(_ change: (inout Self) -> Void) -> Self {
    var state = self
    change(&state)
    return state
  }

  /// The state after a thread has moved to another step.
  func goes(_ t: Int, _ step: Thread.NextStep, _ change: (inout Self) -> Void = { _ in }) -> Self {
    changed {
      $0.threads[t].step = step
      change(&$0)
    }
  }
}

/// The results of all interleavings.
struct Exploration: Equatable {
  var states = 0
  var finals = 0
  /// True when something that is ruled out has happened.
  var isBroken = false
  /// True when threads waited for each other, or for a wake-up that never came.
  var isStuck = false

  var isSound: Bool { finals > 0 && !isBroken && !isStuck }

  /// Visits every reachable state, or as many as it takes to find a mistake.
  init<State: ModelState>(from first: State) {
    states = StateSpace.visit(from: first) { state in
      if state.isBroken {
        isBroken = true
        return nil
      }
      let successors = state.successors
      if successors.isEmpty {
        if !state.isFinal {
          isStuck = true
          return nil
        }
        finals += 1
      }
      return successors
    }
  }
}
