// SPDX-License-Identifier: Apache-2.0
//
// The entry point of the command-line tool. Without the trait `ReportTools` it prints how to build
// the tool, and fails.

#if !(ReportTools && canImport(Glibc))
import Foundation

@main
enum Main {
  static func main() {
    let message = """
      access-audit was built without its tools. In a checkout of swift-access-audit: swift build --traits Tools --product access-audit. \
      For a package that depends on it: .package(url: "…", from: "…", traits: ["Tools"])

      """
    FileHandle.standardError.write(Data(message.utf8))
    exit(64)
  }
}
#endif
