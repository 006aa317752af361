// SPDX-License-Identifier: Apache-2.0
// Shape: Kolos65/Mockable #144: a lazy dictionary of calls, recorded from child tasks.
// expect: shared-lazy Recorder.invocations
import Foundation

final class Recorder {
  private lazy var invocations: [String: Int] = [:]

  func record(_ name: String) {
    invocations[name, default: 0] += 1
  }

  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for name in ["a", "b"] {
        group.addTask { self.record(name) }
      }
    }
  }
}
