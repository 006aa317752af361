// SPDX-License-Identifier: Apache-2.0
//
// The command plugin `swift package access-audit-scan`. It chooses directories, runs the tool,
// and writes nothing.

import Foundation
import PackagePlugin

/// Runs `access-audit scan` on the sources of a package.
@main
struct AccessAuditScanPlugin: CommandPlugin {
  /// Extracts every `--target NAME` and passes all other arguments to the tool.
  func performCommand(context: PluginContext, arguments: [String]) async throws {
    var extractor = ArgumentExtractor(arguments)
    let names = extractor.extractOption(named: "target")
    if extractor.extractFlag(named: "help") > 0 {
      print(AccessAuditScanPlugin.help)
      return
    }
    let targets = names.isEmpty ? context.package.targets : try context.package.targets(named: names)
    let directories = targets.compactMap { $0 as? any SourceModuleTarget }.map { $0.directoryURL.path }
    guard !directories.isEmpty else {
      Diagnostics.error("the package has no Swift sources to scan")
      return
    }
    let process = Process()
    process.executableURL = try context.tool(named: "access-audit").url
    process.arguments = ["scan"] + extractor.remainingArguments + directories
    process.currentDirectoryURL = context.package.directoryURL
    try process.run()
    process.waitUntilExit()
    switch process.terminationStatus {
    case 0: break
    case 1: Diagnostics.error("there are findings")
    default: Diagnostics.error("access-audit ended with status \(process.terminationStatus)")
    }
  }

  static let help = """
    USAGE: swift package [--traits Tools] access-audit-scan [--target NAME ...] [options of 'access-audit scan']

    Scans the package's Swift targets, or the named ones. Nothing is written. To write a report or a baseline
    (--output FILE, --write-baseline FILE), allow it:

      swift package [--traits Tools] --allow-writing-to-package-directory access-audit-scan --output report.sarif
    """
}
