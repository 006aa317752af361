// SPDX-License-Identifier: Apache-2.0

import Foundation

final class Router {
  private let lock = NSLock()
  private var routes: [String: Int] = [:]

  func add(_ path: String, _ id: Int) {
    lock.lock()
    routes[path] = id
    let count = routes.count
    lock.unlock()
    print("now \(count) routes")
  }

  func route(_ path: String) -> Int? { lock.withLock { routes[path] } }
}
