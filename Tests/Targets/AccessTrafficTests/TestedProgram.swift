// SPDX-License-Identifier: Apache-2.0
//
// Runs a program of the package that is tested.

#if REPORTS && canImport(Glibc)

import Foundation

enum TestedProgram {
  struct Run {
    var status: Int32
    var output: String
    var errors: String
  }

  static var products: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  static func run(_ program: String, _ arguments: [String], _ options: String = "") throws -> Run {
    let process = Process()
    process.executableURL =
      program.hasPrefix("/") ? URL(fileURLWithPath: program) : Self.products.appendingPathComponent(program)
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment.filter { !["ACCESS_AUDIT", "TSAN_OPTIONS"].contains($0.key) }
    environment["SWIFT_BACKTRACE"] = "enable=no"
    if !options.isEmpty { environment["ACCESS_AUDIT"] = options }
    process.environment = environment
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let written = output.fileHandleForReading.readDataToEndOfFile()
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Run(
      status: process.terminationStatus, output: String(decoding: written, as: UTF8.self),
      errors: String(decoding: said, as: UTF8.self))
  }
}

#endif
