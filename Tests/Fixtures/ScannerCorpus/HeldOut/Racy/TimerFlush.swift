// SPDX-License-Identifier: Apache-2.0
// Shape: a buffer that a timer's queue drains while callers append to it.
// expect: unprotected-property Buffer.pending
import Foundation

final class Buffer {
  private var pending: [String] = []
  private let timer = DispatchSource.makeTimerSource(queue: DispatchQueue.global())

  init() {
    timer.setEventHandler { [weak self] in
      self?.pending.removeAll()
    }
    timer.resume()
  }

  func append(_ text: String) {
    pending.append(text)
  }
}
