// SPDX-License-Identifier: Apache-2.0
//
// The options that choose the sources of a subcommand.

#if Scanner && canImport(Glibc)
import AccessAuditScanner
import ArgumentParser
import Foundation

/// The choice of sources and of the configuration.
struct SourceOptions: ParsableArguments {
  @Argument(help: "Files and directories; without any, the configuration's, or the current directory.")
  var paths: [String] = []

  @Option(help: "The configuration file; without it, \(ScanConfiguration.fileName) when there is one.")
  var config: String?

  @Option(help: "Threads that parse and walk.")
  var threads: Int = Parallel.defaultThreads

  @Flag(help: "Every file is a module of its own.")
  var eachFileAlone = false

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads must be between 1 and 256.") }
  }

  /// Reads the configuration and the files.
  func load() throws -> LoadedSources {
    var configuration = ScanConfiguration()
    let manager = FileManager.default
    if let path = config
      ?? (manager.fileExists(atPath: ScanConfiguration.fileName) ? ScanConfiguration.fileName : nil)
    {
      guard let data = manager.contents(atPath: path) else {
        throw ToolError.failure("\(path): the configuration cannot be read")
      }
      configuration = try ToolError.usage {
        try ScanConfiguration(yaml: String(decoding: data, as: UTF8.self), path: path)
      }
    }
    let chosen = paths.isEmpty ? (configuration.include.isEmpty ? ["."] : configuration.include) : paths
    let files = try ToolError.usage {
      try SourceFiles(
        chosen, root: manager.currentDirectoryPath, configuration: configuration, eachFileAlone: eachFileAlone)
    }
    return LoadedSources(configuration: configuration, files: files, threads: threads)
  }
}

/// Sources that were read.
struct LoadedSources {
  let configuration: ScanConfiguration
  let files: SourceFiles
  let threads: Int

  /// Scans module by module.
  func scan() -> ScanReport {
    AccessScanner(threads: threads).scan(files)
  }
}
#endif
