// SPDX-License-Identifier: Apache-2.0
//
// A libFuzzer target: the option parser, and the output of `help=1` for its result.

@testable import AccessReports
@testable import AccessTerms

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOptions(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let outcome = EnvironmentSwitch.read(String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self))
  let configuration = outcome.configuration
  precondition((1...128).contains(configuration.stackDepth) && (16...1_048_576).contains(configuration.historySize))
  precondition((1...4_096).contains(configuration.maxReports) && (0...60_000).contains(configuration.waitMilliseconds))
  precondition((0...10_000).contains(configuration.delayMicroseconds) && (0...2).contains(configuration.verbosity))
  precondition(configuration.exitCode.map { (0...255).contains($0) } ?? true)
  precondition(!configuration.logFormat.isEmpty)
  for text in outcome.warnings + (outcome.help.map { [$0.split(separator: "\n").joined()] } ?? []) {
    // For every text of the variable, no control character reaches a terminal.
    precondition(!text.unicodeScalars.contains { $0.value < 32 || (0x7F...0x9F).contains($0.value) }, "unprintable")
  }
  return 0
}
