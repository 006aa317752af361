// SPDX-License-Identifier: Apache-2.0
//
// A service incident: request handlers update a cache in a class without a lock. Silent retries
// hide the failures until the service crashes elsewhere. --fixed: a safe dictionary.

import AuditedCollections
import Foundation

@main
enum Main {
  static let usage = """
    usage: order-cache [--fixed] [--handlers N] [--requests N]
      --fixed       protect the cache
      --handlers N  request handlers at work at once (default 4)
      --requests N  requests for each handler (default 20000)
    """

  static func main() {
    var handlers = 4
    var requests = 20_000
    var isFixed = false
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
      switch argument {
      case "--fixed": isFixed = true
      case "--handlers": handlers = number(arguments.next(), in: 1...64)
      case "--requests": requests = number(arguments.next(), in: 1...10_000_000)
      case "--help", "-h":
        print(usage)
        return
      default: refuse("unknown argument \(argument)")
      }
    }
    let cache: any OrderCache = isFixed ? SharedOrderCache() : RacedOrderCache()
    let service = OrderService(cache: cache)
    let answered = Handlers.run(handlers) { [requests] handler in
      for request in 0..<requests {
        service.handle(OrderRequest(customer: "customer-\((request * 7 + handler) % 300)", amount: request % 50))
      }
    }
    print("\(answered * requests) requests answered, \(cache.customers) customers, \(service.retries) retries")
  }

  private static func number(_ text: String?, in range: ClosedRange<Int>) -> Int {
    guard let text, let number = Int(text), range.contains(number) else {
      refuse("a number from \(range.lowerBound) to \(range.upperBound) is needed")
    }
    return number
  }

  private static func refuse(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("order-cache: \(reason)\n\(usage)\n".utf8))
    exit(64)
  }
}
