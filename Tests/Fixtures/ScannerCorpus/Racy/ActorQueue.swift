// SPDX-License-Identifier: Apache-2.0
// Shape: code inside an actor that leaves the actor through a thread of the module's own helper.
// expect: actor-escape Journal.lines
import Foundation

func runElsewhere(_ body: @escaping () -> Void) {
  Thread { body() }.start()
}

actor Journal {
  private var lines: [String] = []

  func write(_ line: String) {
    runElsewhere {
      self.lines.append(line)
    }
  }

  func all() -> [String] {
    lines
  }
}
