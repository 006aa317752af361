// SPDX-License-Identifier: Apache-2.0
//
// A program that makes one access and ends: with the plain dictionary nothing of the audit is
// linked into it.

#if SUBJECT_AUDITED
import AuditedCollections
typealias Subject = AuditedDictionary<Int, Int>
#else
typealias Subject = [Int: Int]
#endif

final class Holder {
  var dictionary: Subject = [:]
}

@main
enum Main {
  static func main() {
    let holder = Holder()
    holder.dictionary[1] = 2
    precondition(holder.dictionary[1] == 2)
  }
}
