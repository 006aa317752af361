// SPDX-License-Identifier: Apache-2.0
//
// A payment service with a cache of orders, on loopback. It ends by itself.

import AuditedCollections
import Dispatch
import Foundation

@main
enum Main {
  static let usage = """
    usage: PaymentService [--cache plain|audited|serial] [--port N] [--seconds N] [--orders N] [--release NAME]
      --cache    the dictionary of orders: Dictionary, AuditedDictionary, or one that is safe to share (default plain)
      --port     on loopback (default 8080)
      --seconds  how long it runs, at most 600 (default 60)
      --orders   orders that are there at the start (default 48500)
      --release  the release that the metrics name (default 1)
    """

  static func main() async throws {
    var cache: any OrderCache = PlainOrderCache()
    var (port, seconds, orders, release) = (8_080, 60, 48_500, "1")
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
      switch argument {
      case "--cache": cache = self.cache(named: arguments.next())
      case "--port": port = number(arguments.next(), in: 1...65_535)
      case "--seconds": seconds = number(arguments.next(), in: 1...600)
      case "--orders": orders = number(arguments.next(), in: 0...100_000)
      case "--release": release = name(arguments.next())
      case "--help", "-h":
        print(usage)
        return
      default: refuse("unknown argument \(argument)")
      }
    }
    for order in 0..<orders { try await cache.add(Order(amount: 100, state: .paid), as: "order-yesterday-\(order)") }
    let metrics = ServiceMetrics(release: release)
    // Not a task: the incident leaves no thread to tasks.
    DispatchQueue(label: "end").asyncAfter(deadline: .now() + .seconds(seconds)) {
      print("PaymentService: \(metrics.line)")
      exit(0)
    }
    try await Server(payments: Payments(cache: cache, metrics: metrics), port: port).run()
  }

  private static func cache(named name: String?) -> any OrderCache {
    switch name {
    case "plain": PlainOrderCache()
    case "audited": AuditedOrderCache()
    case "serial": SerialOrderCache()
    default: refuse("a cache is plain, audited or serial")
    }
  }

  private static func name(_ text: String?) -> String {
    guard let text, text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }) else {
      refuse("a release is letters, digits and dots")
    }
    return text
  }

  private static func number(_ text: String?, in range: ClosedRange<Int>) -> Int {
    guard let text, let number = Int(text), range.contains(number) else {
      refuse("a number from \(range.lowerBound) to \(range.upperBound) is needed")
    }
    return number
  }

  private static func refuse(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("PaymentService: \(reason)\n\(usage)\n".utf8))
    exit(64)
  }
}
