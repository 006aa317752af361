// SPDX-License-Identifier: Apache-2.0
// expect: unprotected-property ImageMemory.images

import Dispatch

final class ImageMemory {
  private var images: [Int: [UInt8]] = [:]

  func load(_ ids: [Int]) {
    DispatchQueue.concurrentPerform(iterations: ids.count) { index in
      store(ids[index], [UInt8](repeating: 0, count: 4))
    }
  }

  private func store(_ id: Int, _ image: [UInt8]) { images[id] = image }
}
