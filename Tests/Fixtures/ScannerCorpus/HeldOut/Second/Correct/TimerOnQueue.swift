// SPDX-License-Identifier: Apache-2.0
// Correct: the timer fires on the serial queue that guards the batch.
import Dispatch

final class BatchUploader {
  private let queue = DispatchQueue(label: "uploads")
  private var batch: [String] = []
  private let timer: DispatchSourceTimer

  init() {
    timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + 5, repeating: 5)
    timer.setEventHandler { [weak self] in
      self?.flush()
    }
    timer.resume()
  }

  func log(_ event: String) {
    queue.async { self.batch.append(event) }
  }

  private func flush() {
    let sent = batch
    batch.removeAll()
    print(sent.count)
  }
}
