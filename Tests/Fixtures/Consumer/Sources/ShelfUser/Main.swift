// SPDX-License-Identifier: Apache-2.0
//
// A program that uses audited types of a dynamic library, and its own.

import AuditedCollections
import Shelf

@main
enum Main {
  static func main() {
    let shelf = Shelf()
    for title in ["Emma", "Dune"] { shelf.add(title) }
    shelf.books[2] = "Ulysses"
    var own: AuditedDictionary<Int, Int> = [:]
    own[1] = shelf.books.count
    AccessAudit.flush()
    print(shelf.books.values.sorted().joined(separator: ", "), own, AccessAudit.violations.count)
  }
}
