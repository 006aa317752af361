// SPDX-License-Identifier: Apache-2.0

func collect(_ names: [String]) async -> [String] {
  var lines: [String] = []
  await withTaskGroup(of: String.self) { group in
    for name in names {
      group.addTask { name }
    }
    for await line in group { lines.append(line) }
  }
  return lines
}
