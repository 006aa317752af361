// SPDX-License-Identifier: Apache-2.0
//
// A program with one audited dictionary, and its twin, the same source with a plain one: what the
// package adds to a build is the difference.

#if !TWIN
import AuditedCollections
#else
typealias AuditedDictionary = Dictionary
#endif

final class Words {
  var counts: AuditedDictionary<String, Int> = [:]

  func add(_ text: String) {
    for word in text.split(separator: " ") { counts[String(word), default: 0] += 1 }
  }
}

@main
enum Main {
  static func main() {
    let words = Words()
    words.add("to be or not to be")
    print(words.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
  }
}
