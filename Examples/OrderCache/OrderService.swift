// SPDX-License-Identifier: Apache-2.0
//
// The service that uses the cache. It validates, retries and ignores errors, as services do, so a
// corrupted cache shows as retries long before it shows as a crash.

import Foundation
import Synchronization

struct OrderRequest: Sendable {
  var customer: String
  var amount: Int
}

final class OrderService: Sendable {
  private let cache: any OrderCache
  private let swallowed = Atomic<Int>(0)

  var retries: Int { swallowed.load(ordering: .relaxed) }

  init(cache: any OrderCache) { self.cache = cache }

  struct Inconsistent: Error {}

  /// Answers a request. A failure is not reported; the request is retried twice at most.
  func handle(_ request: OrderRequest) {
    for _ in 0..<3 {
      do {
        return try answer(request)
      } catch {
        swallowed.wrappingAdd(1, ordering: .relaxed)
      }
    }
  }

  private func answer(_ request: OrderRequest) throws {
    guard cache.add(request).count > 0, cache.orders(of: request.customer) != nil else { throw Inconsistent() }
  }
}

/// The request handlers: named threads that start at the same moment.
enum Handlers {
  /// Runs `body` on `count` threads; returns the number of threads that have ended.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Int {
    let group = DispatchGroup()
    for handler in 0..<count {
      group.enter()
      Thread {
        let name = FileHandle(forWritingAtPath: "/proc/thread-self/comm")
        try? name?.write(contentsOf: Data("handler-\(handler + 1)".utf8))
        try? name?.close()
        body(handler)
        group.leave()
      }.start()
    }
    group.wait()
    return count
  }
}
