// SPDX-License-Identifier: Apache-2.0
//
// The subcommands for sources in a tool that was built without the scanner: how to have them.

#if ReportTools && !Scanner && canImport(Glibc)
import ArgumentParser

private let reason = """
  this tool was built without the scanner. In a checkout of swift-access-audit: swift build --traits Tools --product access-audit. \
  For a package: .package(url: "…", from: "…", traits: ["Tools"]), then swift package access-audit-scan
  """

struct ScanCommandMissing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan", abstract: "Scans sources (not in this build: see its message).")
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
  func run() throws { throw ToolError.failure("scan: \(reason)") }
}

struct TryCommandMissing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "try", abstract: "Audits a package as it is (not in this build: see its message).")
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
  func run() throws { throw ToolError.failure("try: \(reason)") }
}

struct PreflightCommandMissing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preflight", abstract: "Goes through the release checklist (not in this build: see its message).")
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
  func run() throws { throw ToolError.failure("preflight: \(reason)") }
}

struct InstrumentCommandMissing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instrument", abstract: "Puts the audit in (not in this build: see its message).")
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
  func run() throws { throw ToolError.failure("instrument: \(reason)") }
}
#endif
