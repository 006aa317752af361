// SPDX-License-Identifier: Apache-2.0
// Correct: operations run one at a time, and the caller waits for all before it reads.
import Foundation

final class Import {
  private var rows: [String] = []
  private let queue = OperationQueue()

  init() {
    queue.maxConcurrentOperationCount = 1
  }

  func run(_ names: [String]) -> [String] {
    for name in names {
      queue.addOperation {
        self.rows.append(name)
      }
    }
    queue.waitUntilAllOperationsAreFinished()
    return rows
  }
}
