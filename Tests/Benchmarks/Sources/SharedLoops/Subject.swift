// SPDX-License-Identifier: Apache-2.0
//
// The key and the dictionary that this copy of the loops is compiled for. The manifest defines it.

import LoopInterface

#if SUBJECT_AUDITED
import AuditedCollections
#endif

#if KEY_INT
typealias Key = Int
func makeKey(_ number: Int) -> Key { number }
#elseif KEY_STRING
typealias Key = String
func makeKey(_ number: Int) -> Key { "order-number-\(number)" }
#elseif KEY_STRUCT
typealias Key = WideKey
func makeKey(_ number: Int) -> Key { WideKey(number) }
#endif

#if SUBJECT_AUDITED
typealias Subject = AuditedDictionary<Key, Int>
#else
typealias Subject = Dictionary<Key, Int>
#endif

/// The dictionary as in programs: in the property of a final class.
final class Holder {
  var dictionary: Subject = [:]
}

/// Memory for small dictionaries, of which the first `count` exist.
struct Kept {
  var memory = UnsafeMutablePointer<Subject>.allocate(capacity: LoopSet.keyCount)
  var capacity = LoopSet.keyCount
  var count = 0

  mutating func empty() {
    memory.deinitialize(count: count)
    count = 0
  }

  mutating func makeRoom(_ wanted: Int) {
    empty()
    if wanted <= capacity { return }
    memory.deallocate()
    memory = .allocate(capacity: wanted)
    capacity = wanted
  }
}
