// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `load`: becomes the load lab, a program of its own, since it has the engine and
// this tool has not.

#if ReportTools && canImport(Glibc)
import ArgumentParser
import Foundation
import Glibc

/// `access-audit load`.
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Measures what dictionaries do when many threads use them: see 'load --help'.",
    discussion: "Runs access-audit-load, which lies beside this program, with all that follows.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

  static let product = "access-audit-load"

  func run() throws {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let path = own.deletingLastPathComponent().appendingPathComponent(Self.product).path
    guard access(path, X_OK) == 0 else {
      throw ToolError.failure(
        "\(path) is not there. In a checkout of swift-access-audit: swift build -c release --traits Tools,AuditInRelease "
          + "--product \(Self.product); then run it there, or put it beside this program")
    }
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    execv(path, &words)
    let reason = String(cString: strerror(errno))
    for word in words { free(word) }
    throw ToolError.failure("\(path) cannot be started: \(reason)")
  }
}
#endif
