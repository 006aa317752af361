// SPDX-License-Identifier: Apache-2.0
//
// The errors that subcommands share, and their messages.

#if ReportTools && canImport(Glibc)
import ArgumentParser
import Foundation

/// Errors that end the tool with a particular status.
enum ToolError {
  /// Runs `body`; its errors count as wrong usage.
  static func usage<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw failure("\(error)")
    }
  }

  /// Prints an error of usage.
  static func failure(_ message: String) -> any Error {
    say("error: \(message)")
    return ToolStatus.usage
  }

  static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      say("error: \(path) cannot be written: \(error)")
      throw ToolStatus.internalError
    }
  }

  static func say(_ message: String) {
    FileHandle.standardError.write(Data("access-audit: \(message)\n".utf8))
  }
}
#endif
