// SPDX-License-Identifier: Apache-2.0
// Shape: daltoniam/SwiftHTTP #305: a map from task to handler, filled by callers, emptied by a delegate's queue.
// expect: unguarded-read TaskMap.handlers
import Foundation

final class TaskMap {
  private var handlers: [Int: () -> Void] = [:]
  private let guardQueue: DispatchQueue

  init() {
    guardQueue = DispatchQueue(label: "map")
  }

  func register(_ id: Int, _ body: @escaping () -> Void) {
    guardQueue.sync { handlers[id] = body }
  }

  func finish(_ id: Int) {
    guard let body = handlers[id] else { return }
    body()
    guardQueue.async { self.handlers[id] = nil }
  }
}
