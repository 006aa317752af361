// SPDX-License-Identifier: Apache-2.0
// Shape: the collections sit in a struct that the class keeps; one method changes it outside of the lock.
// expect: guarded-elsewhere Pipeline.state
import Foundation

struct PipelineState {
  var jobs: [String] = []
  var done: Set<String> = []

  mutating func finish(_ job: String) {
    done.insert(job)
  }
}

final class Pipeline {
  private let lock = NSLock()
  private var state = PipelineState()

  func add(_ job: String) {
    lock.lock()
    defer { lock.unlock() }
    state.jobs.append(job)
  }

  func isDone(_ job: String) -> Bool {
    lock.withLock { state.done.contains(job) }
  }

  func finish(_ job: String) {
    state.finish(job)
  }
}
