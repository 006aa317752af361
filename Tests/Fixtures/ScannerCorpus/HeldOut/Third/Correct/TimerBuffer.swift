// SPDX-License-Identifier: Apache-2.0

import Dispatch

final class Metrics {
  private let queue = DispatchQueue(label: "metrics")
  private var timer: (any DispatchSourceTimer)?
  private var buffer: [Double] = []

  func start() {
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.setEventHandler { [weak self] in
      self?.buffer.removeAll()
    }
    timer.resume()
    self.timer = timer
  }

  func add(_ value: Double) { queue.async { self.buffer.append(value) } }
}
