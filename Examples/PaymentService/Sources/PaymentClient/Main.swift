// SPDX-License-Identifier: Apache-2.0
//
// The client of the payment service: makes load, and draws what it has measured.

import Foundation

@main
enum Main {
  static let usage = """
    usage: PaymentClient load [--port N] [--rate N] [--seconds N] [--timeout N] [--name NAME] [--output FILE]
           PaymentClient chart FILE... --output FILE
      --rate     requests in a second, at most 2000 (default 100)
      --seconds  how long, at most 300 (default 25)
      --timeout  seconds after which a request is given up, at most 60 (default 5)
    """

  static func main() async {
    var options = LoadOptions()
    var output: String?
    var files: [String] = []
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    let command = arguments.next()
    while let argument = arguments.next() {
      switch argument {
      case "--port": options.port = number(arguments.next(), in: 1...65_535)
      case "--rate": options.rate = number(arguments.next(), in: 1...2_000)
      case "--seconds": options.seconds = number(arguments.next(), in: 1...300)
      case "--timeout": options.timeout = number(arguments.next(), in: 1...60)
      case "--name": options.name = text(arguments.next())
      case "--output": output = text(arguments.next())
      default:
        if argument.hasPrefix("-") || command != "chart" { refuse("unknown argument \(argument)") }
        files.append(argument)
      }
    }
    do {
      switch command {
      case "load":
        let result = await Load(options: options).run()
        print(result.summary)
        if let output { try result.write(to: output) }
      case "chart":
        guard let output, !files.isEmpty else { refuse("chart needs results and --output") }
        try Chart(results: files.map(LoadResult.read)).svg.write(toFile: output, atomically: true, encoding: .utf8)
      default: refuse("load or chart is needed")
      }
    } catch {
      FileHandle.standardError.write(Data("PaymentClient: \(error)\n".utf8))
      exit(70)
    }
  }

  private static func number(_ text: String?, in range: ClosedRange<Int>) -> Int {
    guard let text, let number = Int(text), range.contains(number) else {
      refuse("a number from \(range.lowerBound) to \(range.upperBound) is needed")
    }
    return number
  }

  private static func text(_ text: String?) -> String {
    guard let text else { refuse("a text is needed") }
    return text
  }

  private static func refuse(_ reason: String) -> Never {
    FileHandle.standardError.write(Data("PaymentClient: \(reason)\n\(usage)\n".utf8))
    exit(64)
  }
}
