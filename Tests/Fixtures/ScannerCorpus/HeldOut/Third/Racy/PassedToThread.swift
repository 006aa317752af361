// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Log.lines

import Foundation

final class Log {
  private(set) var lines: [String] = []
  func write(_ line: String) { lines.append(line) }
}

func serve(_ log: Log) {
  let thread = Thread { log.write("worker") }
  thread.start()
  log.write("main")
}
