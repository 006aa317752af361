// SPDX-License-Identifier: Apache-2.0
// Correct: a serial queue owns the array; async to write, sync to read.
import Foundation

final class Log {
  private let queue = DispatchQueue(label: "log")
  private var lines: [String] = []

  func write(_ line: String) {
    queue.async { [weak self] in
      guard let self else { return }
      self.lines.append(line)
    }
  }

  func drain() -> [String] {
    queue.sync {
      let all = lines
      lines.removeAll()
      return all
    }
  }
}
