// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Metrics.buffer

import Dispatch

final class Metrics {
  private let timer = DispatchSource.makeTimerSource(queue: .global())
  private var buffer: [Double] = []

  func start() {
    timer.setEventHandler { [weak self] in
      self?.buffer.removeAll()
    }
    timer.resume()
  }

  func add(_ value: Double) { buffer.append(value) }
}
