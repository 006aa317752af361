// SPDX-License-Identifier: Apache-2.0
// Shape: a timer source fires on a global queue and empties what callers fill.
// expect: unprotected-property Uploader.batch
import Dispatch

final class Uploader {
  private var batch: [String] = []
  private let timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))

  init() {
    timer.schedule(deadline: .now() + 5, repeating: 5)
    timer.setEventHandler { [weak self] in
      self?.flush()
    }
    timer.resume()
  }

  func log(_ event: String) {
    batch.append(event)
  }

  private func flush() {
    let sent = batch
    batch.removeAll()
    print(sent.count)
  }
}
