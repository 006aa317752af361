// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Reader {
  private let lock = NSLock()
  private var chunks: [Data] = []

  func run(_ pipe: Pipe) -> Int {
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      self.lock.withLock { self.chunks.append(data) }
    }
    Thread.sleep(forTimeInterval: 1)
    return lock.withLock { chunks.count }
  }
}
