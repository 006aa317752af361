// SPDX-License-Identifier: Apache-2.0
// Shape: hmlongco/Resolver #98: looked up, created and stored in two lock scopes.
// expect: check-then-act Container.services
import Foundation

final class Container {
  private let lock = NSLock()
  private var services: [String: AnyObject] = [:]

  func resolve(_ name: String, make: () -> AnyObject) -> AnyObject {
    if let found = lock.withLock({ services[name] }) {
      return found
    }
    let made = make()
    lock.withLock { services[name] = made }
    return made
  }
}
