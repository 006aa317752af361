// SPDX-License-Identifier: Apache-2.0
//
// The entry point of the load lab. Without the trait `ReportTools` it prints how to build it, and
// fails.

#if !(ReportTools && canImport(Glibc))
import Foundation

@main
enum Main {
  static func main() {
    let message = """
      access-audit-load was built without its parts. In a checkout of swift-access-audit: \
      swift build -c release --traits ReportTools,AuditInRelease --product access-audit-load

      """
    FileHandle.standardError.write(Data(message.utf8))
    exit(64)
  }
}
#endif
