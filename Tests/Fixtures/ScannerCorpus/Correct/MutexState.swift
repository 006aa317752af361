// SPDX-License-Identifier: Apache-2.0
// Correct: everything lives inside a Mutex.
import Synchronization

final class Scores: Sendable {
  private let state = Mutex<[String: Int]>([:])

  func add(_ name: String) {
    state.withLock { scores in
      scores[name, default: 0] += 1
    }
  }

  var all: [String: Int] {
    state.withLock { $0 }
  }
}
