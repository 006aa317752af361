// SPDX-License-Identifier: Apache-2.0
// Correct: optimizely/swift-sdk #304: listeners are taken under the lock and called outside of it.
import Foundation

final class NotificationHub {
  private let lock = NSLock()
  private var nextID = 0
  private var listeners: [Int: (type: Int, call: ([Any?]) -> Void)] = [:]

  func add(_ type: Int, _ call: @escaping ([Any?]) -> Void) -> Int {
    lock.lock()
    defer { lock.unlock() }
    nextID += 1
    listeners[nextID] = (type, call)
    return nextID
  }

  func clear(_ type: Int) {
    lock.lock()
    listeners = listeners.filter { $0.value.type != type }
    lock.unlock()
  }

  func send(_ type: Int, _ arguments: [Any?]) {
    lock.lock()
    let selected = listeners.values.filter { $0.type == type }
    lock.unlock()
    for listener in selected {
      listener.call(arguments)
    }
  }
}
