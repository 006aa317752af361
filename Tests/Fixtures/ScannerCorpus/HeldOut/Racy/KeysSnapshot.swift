// SPDX-License-Identifier: Apache-2.0
// Shape: spotify/confidence-sdk-swift #212: the keys view of a shared dictionary is walked outside of the lock.
// expect: unguarded-read Context.values
import Foundation

final class Context {
  private let semaphore = DispatchSemaphore(value: 1)
  private var values: [String: String] = [:]

  func put(_ key: String, _ value: String) {
    semaphore.wait()
    values[key] = value
    semaphore.signal()
  }

  func remove(_ key: String) {
    semaphore.wait()
    defer { semaphore.signal() }
    values.removeValue(forKey: key)
  }

  func names() -> Set<String> {
    Set(values.keys)
  }
}
