// SPDX-License-Identifier: Apache-2.0
// Shape: onevcat/Kingfisher #2539: the keys are walked without the lock that every other method takes.
// expect: unguarded-read DownloadTask.callbacks
import Foundation

final class DownloadTask {
  private let lock = NSLock()
  private var nextToken = 0
  private var callbacks: [Int: (Data) -> Void] = [:]

  func add(_ callback: @escaping (Data) -> Void) -> Int {
    lock.lock()
    defer { lock.unlock() }
    nextToken += 1
    callbacks[nextToken] = callback
    return nextToken
  }

  func cancel(token: Int) {
    lock.lock()
    defer { lock.unlock() }
    callbacks.removeValue(forKey: token)
  }

  func cancelAll() {
    for token in callbacks.keys {
      cancel(token: token)
    }
  }

  func finish(_ data: Data) {
    lock.lock()
    let all = callbacks
    callbacks.removeAll()
    lock.unlock()
    for callback in all.values { callback(data) }
  }
}
