// SPDX-License-Identifier: Apache-2.0
// Shape: a thread block and the caller share a local array.
// expect: captured-variable lines
import Foundation

func follow() -> Int {
  var lines: [String] = []
  let thread = Thread {
    lines.append("started")
  }
  thread.start()
  lines.append("waiting")
  return lines.count
}
