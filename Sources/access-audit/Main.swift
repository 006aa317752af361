// SPDX-License-Identifier: Apache-2.0
//
// The entry point of the command-line tool. Without the trait `Tools` it prints how to build the
// tool, and fails.

#if !(Tools && canImport(Glibc))
import Foundation

@main
enum Main {
  static func main() {
    print("access-audit was built without its tools; build it with: swift build --traits Tools")
    exit(64)
  }
}
#endif
