// SPDX-License-Identifier: Apache-2.0
// expect: captured-variable lines

func collect(_ names: [String]) async -> [String] {
  nonisolated(unsafe) var lines: [String] = []
  await withTaskGroup(of: Void.self) { group in
    for name in names {
      group.addTask { lines.append(name) }
    }
  }
  return lines
}
