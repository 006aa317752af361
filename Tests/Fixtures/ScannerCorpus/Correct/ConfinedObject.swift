// SPDX-License-Identifier: Apache-2.0
// Correct: an unsynchronised object made and used inside one task only.
import Foundation

final class Collector {
  private var parts: [String] = []

  func add(_ part: String) {
    parts.append(part)
  }

  func joined() -> String {
    parts.joined()
  }
}

func work(_ inputs: [String]) {
  for input in inputs {
    DispatchQueue.global().async {
      let collector = Collector()
      collector.add(input)
      print(collector.joined())
    }
  }
}
