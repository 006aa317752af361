// SPDX-License-Identifier: Apache-2.0
// Correct: an actor, tasks inside it inherit its isolation.
actor Catalogue {
  private var items: [String: Int] = [:]

  func add(_ name: String) {
    items[name] = items.count
  }

  func addLater(_ name: String) {
    Task {
      self.items[name] = 1
    }
  }
}
