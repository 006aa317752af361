// SPDX-License-Identifier: Apache-2.0
//
// A race that always overlaps, in a program that needs little: no Foundation, no argument. One
// thread is inside a write, in the hashing of its key, when the other begins one.

import AuditedCollections
import Glibc
import Synchronization

let isInside = Atomic<Bool>(false)
let hasEnded = Atomic<Bool>(false)

struct Key: Hashable {
  var holds: Bool

  func hash(into hasher: inout Hasher) {
    hasher.combine(holds)
    guard holds else { return }
    isInside.store(true, ordering: .releasing)
    // The audit ends the process meanwhile.
    for _ in 0..<20_000 where !hasEnded.load(ordering: .acquiring) { usleep(1_000) }
  }
}

final class Table: Sendable {
  nonisolated(unsafe) var values = AuditedDictionary<Key, Int>(label: "values")
}

let table = Table()

/// A function: a closure in `main` belongs to the main actor.
func writeSlowly(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  table.values[Key(holds: true)] = 1
  return nil
}

@main
enum Main {
  static func main() {
    guard AccessAudit.isEnabled else { return print("not audited") }
    var thread = pthread_t()
    pthread_create(&thread, nil, writeSlowly, nil)
    while !isInside.load(ordering: .acquiring) { usleep(100) }
    table.values[Key(holds: false)] = 2
    hasEnded.store(true, ordering: .releasing)
    pthread_join(thread, nil)
    print("the race was not seen")
  }
}
