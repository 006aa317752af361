// SPDX-License-Identifier: Apache-2.0
// Correct: the loop's state lives in one task, and nobody else touches it.
import Foundation

final class Poller {
  private var seen: Set<String> = []

  func start() {
    Task.detached {
      while !Task.isCancelled {
        self.poll()
      }
    }
  }

  private func poll() {
    seen.insert(UUID().uuidString)
  }
}
