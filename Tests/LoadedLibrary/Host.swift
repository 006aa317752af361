// SPDX-License-Identifier: Apache-2.0
//
// A program that loads a library while it runs: `host LIBRARY STEP...`. Compiled by
// `LoadedLibraryTests`; no target of the package.

import AuditedCollections
import Foundation

final class Shared: @unchecked Sendable {
  var value: AuditedDictionary<Int, Int> = [:]
}

/// Makes a report in the program, so that the audit has read its images before the library is
/// loaded.
@inline(never)
func raceInTheProgram() {
  let shared = Shared()
  let before = AccessAudit.violations.count
  while AccessAudit.violations.count == before {
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for i in 0..<2_000 { shared.value[i % 64] = worker }
    }
    AccessAudit.flush()
  }
}

@main
enum Host {
  static func main() {
    var handle: UnsafeMutableRawPointer?
    for step in CommandLine.arguments.dropFirst(2) {
      switch step {
      case "own-race": raceInTheProgram()
      case "use":
        let shared = Shared()
        for i in 0..<1_000 { shared.value[i] = i }
        print("own \(shared.value.count)")
      case "open":
        handle = dlopen(CommandLine.arguments[1], RTLD_NOW)
        guard handle != nil else { fatalError(String(cString: dlerror())) }
      case "close":
        print("closed \(dlclose(handle!))")
      case "sleep": usleep(200_000)
      default:
        guard let symbol = dlsym(handle, step) else { fatalError("no function \(step)") }
        print("\(step) \(unsafeBitCast(symbol, to: (@convention(c) () -> CInt).self)())")
      }
    }
    AccessAudit.flush()
    print("finished with \(AccessAudit.violations.count) violations")
  }
}
