// SPDX-License-Identifier: Apache-2.0
//
// The new user's service: request handlers on four threads, or one after another.

import Foundation
import Shop

@main
enum Service {
  static func main() {
    let cache = OrderCache()
    let isRaced = CommandLine.arguments.contains("raced")
    let done = DispatchSemaphore(value: 0)
    for handler in 0..<4 {
      let thread = Thread {
        Thread.current.name = "handler-\(handler)"
        // Until they meet: a build without hunting leaves that to chance.
        let deadline = Date().addingTimeInterval(isRaced ? 2 : 0)
        repeat {
          for request in 0..<5_000 {
            if handler % 2 == 0 { cache.add("customer \(request % 10)") } else { _ = cache.count(of: "customer 1") }
          }
        } while Date() < deadline
        done.signal()
      }
      thread.start()
      if !isRaced { done.wait() }
    }
    if isRaced { for _ in 0..<4 { done.wait() } }
    print("served")
  }
}
