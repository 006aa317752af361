// SPDX-License-Identifier: Apache-2.0
//
// The footprint of a dictionary: bytes, the time to make it, and one use of the whole under the
// lock.

import ConcurrentCollections
import Foundation
import CAllocation
import Synchronization

/// Measures footprints.
enum Footprints {
  static func all<Key: BenchmarkKey>(_: Key.Type, keys: Int) -> [Footprint] {
    let elements: [Key: Int] = plain(keys)
    let key = Key.make(keys / 2)
    return [
      footprint("Dictionary", elements) {
        var copy = [Key: Int](); for (key, value) in $0 { copy[key] = value }; return copy
      } exclusive: { _ in
      },
      footprint("LockedDictionary", elements) { source in
        let dictionary = LockedDictionary<Key, Int>()
        dictionary.withExclusive { for (key, value) in source { $0[key] = value } }
        return dictionary
      } exclusive: { dictionary in
        dictionary.updateValue(1, forKey: key)
        dictionary.withExclusive { $0[key] = 2 }
      },
      footprint("Mutex<Dictionary>", elements) { source in
        let box = MutexBox<Key>()
        box.elements.withLock { for (key, value) in source { $0[key] = value } }
        return box
      } exclusive: { box in
        box.elements.withLock { $0[key] = 1 }
        box.elements.withLock { $0[key] = 2 }
      },
      footprint("ReadWriteDictionary", elements) { source in
        let dictionary = ReadWriteDictionary<Key, Int>()
        dictionary.withExclusive { for (key, value) in source { $0[key] = value } }
        return dictionary
      } exclusive: { dictionary in
        dictionary.updateValue(1, forKey: key)
        dictionary.withExclusive { $0[key] = 2 }
      },
      footprint("ShardedDictionary", elements) {
        ShardedDictionary($0)
      } exclusive: { _ in
      },
      footprint("ReadMostlyDictionary", elements) {
        ReadMostlyDictionary($0)
      } exclusive: { _ in
      },
    ]
  }

  private final class MutexBox<Key: BenchmarkKey>: Sendable {
    let elements = Mutex<[Key: Int]>([:])
  }

  private static func footprint<Key: BenchmarkKey, Subject>(
    _ name: String, _ elements: [Key: Int], _ make: ([Key: Int]) -> Subject, exclusive: (Subject) -> Void
  ) -> Footprint {
    let before = Int(allocated_bytes())
    let start = nanoseconds()
    let subject = make(elements)
    let built = nanoseconds() &- start
    let bytes = Int(allocated_bytes()) - before
    var times: [UInt64] = []
    for _ in 0..<101 {
      let start = nanoseconds()
      exclusive(subject)
      times.append(nanoseconds() &- start)
    }
    let hasExclusive = !["Dictionary", "ShardedDictionary", "ReadMostlyDictionary"].contains(name)
    return withExtendedLifetime(subject) {
      Footprint(
        subject: name, keyKind: Key.kind, keys: elements.count,
        bytesPerElement: Double(bytes) / Double(elements.count), buildMilliseconds: Double(built) / 1e6,
        exclusiveNanoseconds: hasExclusive ? Double(times.sorted()[50]) : nil)
    }
  }

}
