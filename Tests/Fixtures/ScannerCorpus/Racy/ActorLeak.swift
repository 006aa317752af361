// SPDX-License-Identifier: Apache-2.0
// Shape: an actor hands its own dictionary to a Dispatch closure.
// expect: actor-escape Downloads.active
import Foundation

actor Downloads {
  nonisolated(unsafe) private var active: [String: Int] = [:]

  func start(_ name: String) {
    active[name] = 0
  }

  nonisolated func progress(_ name: String, _ value: Int) {
    active[name] = value
  }
}
