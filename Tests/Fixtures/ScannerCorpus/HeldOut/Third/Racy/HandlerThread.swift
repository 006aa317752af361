// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property Reader.chunks

import Foundation

final class Reader {
  private var chunks: [Data] = []

  func run(_ pipe: Pipe) -> Int {
    pipe.fileHandleForReading.readabilityHandler = { handle in
      self.chunks.append(handle.availableData)
    }
    Thread.sleep(forTimeInterval: 1)
    return chunks.count
  }
}
