// SPDX-License-Identifier: Apache-2.0
// Correct: child tasks return what they found; the parent alone fills the dictionary.
func measure(_ names: [String]) async throws -> [String: Int] {
  var sizes: [String: Int] = [:]
  var failed: Set<String> = []
  try await withThrowingTaskGroup(of: (String, Int?).self) { group in
    for name in names {
      group.addTask { (name, name.isEmpty ? nil : name.count) }
    }
    while let (name, size) = try await group.next() {
      if let size { sizes[name] = size } else { failed.insert(name) }
    }
  }
  for name in failed { sizes[name] = 0 }
  return sizes
}
