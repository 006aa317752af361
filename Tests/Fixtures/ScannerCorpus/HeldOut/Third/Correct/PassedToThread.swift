// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Log {
  private let lock = NSLock()
  private var stored: [String] = []
  var lines: [String] { lock.withLock { stored } }
  func write(_ line: String) { lock.withLock { stored.append(line) } }
}

func serve(_ log: Log) {
  let thread = Thread { log.write("worker") }
  thread.start()
  log.write("main")
}
