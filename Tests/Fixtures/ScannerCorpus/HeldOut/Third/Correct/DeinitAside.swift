// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Watcher {
  private let lock = NSLock()
  private var handles: [Int32] = []

  func watch(_ handle: Int32) { lock.withLock { handles.append(handle) } }
  func count() -> Int { lock.withLock { handles.count } }

  func stop() {
    lock.withLock {
      for handle in handles { close(handle) }
      handles = []
    }
  }

  deinit { for handle in handles { close(handle) } }
}
