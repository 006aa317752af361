// SPDX-License-Identifier: Apache-2.0
//
// A program with C++ interoperability: every C header that the package's modules import is compiled
// as C++.

import AuditedCollections
import CxxPart

final class Shelves {
  var names: AuditedDictionary<Int, String> = [:]
}

@main
enum Main {
  static func main() {
    let shelves = Shelves()
    for number in 1...3 { shelves.names[number] = String(shelfName(Int32(number))) }
    AccessAudit.flush()
    print(shelves.names.values.sorted().joined(separator: ", "), AccessAudit.violations.count)
  }
}
