// SPDX-License-Identifier: Apache-2.0
//
// The pairwise measurement: plain and audited dictionaries in one process, in turn; prints one JSON
// object per cell. The script that calls it repeats it, with the builds in turn.

import AuditedCollections
import Foundation

@main
enum Main {
  static let usage = """
    usage: access-cost [--seconds S] [--plain-only | --off-only] [--folder PACKAGE]
           access-cost memory | raced [--folder PACKAGE] | same-type
           access-cost start-up PLAIN-PROGRAM AUDITED-PROGRAM ROUNDS
    """

  static func main() {
    var plan = Plan()
    var command = ""
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
      switch argument {
      case "--seconds": plan.seconds = arguments.next().flatMap(Double.init) ?? plan.seconds
      case "--folder": plan.folder = URL(fileURLWithPath: arguments.next() ?? ".")
      case "--plain-only":
        plan.plainOnly = true
        plan.modes = [.off]
      case "--off-only": plan.modes = [.off]
      case "memory", "raced", "same-type": command = argument
      case "start-up":
        guard let plain = arguments.next(), let audited = arguments.next() else { fatalError(usage) }
        return StartUp.measure(plain: plain, audited: audited, rounds: arguments.next().flatMap(Int.init) ?? 40)
      default:
        FileHandle.standardError.write(Data("\(usage)\n".utf8))
        exit(64)
      }
    }
    switch command {
    case "memory": Memory.measure()
    case "raced": RacedCount.run(plan.folder)
    case "same-type":
      let isSame = ObjectIdentifier(AuditedDictionary<Int, Int>.self) == ObjectIdentifier([Int: Int].self)
      print("{\"measure\":\"same type\",\"build\":\"\(Build.name)\",\"values\":[\(isSame ? 1 : 0)]}")
    default: Session(plan).runOnThread()
    }
  }
}
