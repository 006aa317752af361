// SPDX-License-Identifier: Apache-2.0
// Correct: an actor keeps the running task of each key, so that what suspends in between is not started twice.
actor Images {
  private var running: [String: Task<[UInt8], Never>] = [:]
  private var finished: [String: [UInt8]] = [:]

  func image(_ name: String) async -> [UInt8] {
    if let image = finished[name] { return image }
    if let task = running[name] { return await task.value }
    let task = Task { await Self.load(name) }
    running[name] = task
    let image = await task.value
    running[name] = nil
    finished[name] = image
    return image
  }

  func prefetch(_ names: [String]) {
    for name in names {
      Task {
        let image = await self.image(name)
        self.finished[name] = image
      }
    }
  }

  private static func load(_ name: String) async -> [UInt8] { Array(name.utf8) }
}
