// SPDX-License-Identifier: Apache-2.0
// Shape: tasks started in a loop fill a local dictionary; their values are awaited only afterwards.
// expect: captured-variable sizes
func fetch(_ name: String) async -> Int { name.count }

func sizes(_ names: [String]) async -> [String: Int] {
  var sizes: [String: Int] = [:]
  var tasks: [Task<Void, Never>] = []
  for name in names {
    tasks.append(
      Task {
        let size = await fetch(name)
        sizes[name] = size
      })
  }
  for task in tasks { await task.value }
  return sizes
}
