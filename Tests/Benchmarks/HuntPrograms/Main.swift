// SPDX-License-Identifier: Apache-2.0
//
// The corpus of the hunting benchmark: small programs in the shape of races that were reported in
// public, each with a corrected twin. `hunt-programs NAME racy|fixed` runs one; without arguments
// it lists them.

import Foundation

#if !HUNT_PLAIN
import AuditedCollections
#endif

/// Which of the two a run is of.
enum Variant: String {
  case racy
  case fixed
}

/// One program and its twin.
struct HuntProgram {
  let name: String
  let run: @Sendable (Variant) async -> Void

  init(_ name: String, _ run: @escaping @Sendable (Variant) async -> Void) {
    self.name = name
    self.run = run
  }
}

@main
enum Main {
  static let programs: [HuntProgram] =
    ServerPrograms.all + ConnectionPrograms.all + LoopPrograms.all + QueuePrograms.all + TaskPrograms.all
    + ToolPrograms.all + StartPrograms.all + VariablePrograms.all

  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.isEmpty { return print(programs.map(\.name).joined(separator: "\n")) }
    guard arguments.count == 2, let name = arguments.first,
      let variant = arguments.last.flatMap(Variant.init(rawValue:)),
      let program = programs.first(where: { $0.name == name })
    else {
      print("usage: hunt-programs NAME racy|fixed")
      exit(64)
    }
    await program.run(variant)
    #if !HUNT_PLAIN
    if getenv("HUNT_DIAGNOSTICS") != nil { print(AccessAudit.diagnostics()) }
    #endif
    print("done")
  }
}
