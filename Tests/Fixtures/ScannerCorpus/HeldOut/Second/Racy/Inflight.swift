// SPDX-License-Identifier: Apache-2.0
// Shape: Moya/Moya #2115: an extension locks around additions and removals; the getter hands the dictionary out as it is.
// expect: unguarded-read Provider.internalInflight
import Foundation

class Provider {
  let recursiveLock = NSRecursiveLock()
  var internalInflight: [String: [() -> Void]] = [:]

  var inflight: [String: [() -> Void]] {
    return internalInflight
  }
}

extension Provider {
  func track(_ endpoint: String, _ completion: @escaping () -> Void) -> Bool {
    recursiveLock.lock()
    defer { recursiveLock.unlock() }
    if var waiting = internalInflight[endpoint] {
      waiting.append(completion)
      internalInflight[endpoint] = waiting
      return false
    }
    internalInflight[endpoint] = [completion]
    return true
  }

  func finish(_ endpoint: String) {
    inflight[endpoint]?.forEach { $0() }
    recursiveLock.lock()
    internalInflight.removeValue(forKey: endpoint)
    recursiveLock.unlock()
  }
}
