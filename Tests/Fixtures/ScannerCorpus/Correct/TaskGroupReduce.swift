// SPDX-License-Identifier: Apache-2.0
// Correct: children return values, the parent alone changes the dictionary.
func total(_ names: [String]) async -> [String: Int] {
  await withTaskGroup(of: (String, Int).self) { group in
    for name in names {
      group.addTask { (name, name.count) }
    }
    var totals: [String: Int] = [:]
    for await (name, count) in group {
      totals[name] = count
    }
    return totals
  }
}
