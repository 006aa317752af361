// SPDX-License-Identifier: Apache-2.0
//
// Views, indices, iterators and slices hold a snapshot: using them while another thread mutates the
// original is lawful.

import AuditedCollections
import Foundation

enum SnapshotScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "silent-dictionary-views": { dictionaryViews() },
    "silent-set-views": { setViews() },
    "silent-array-views": { arrayViews() },
    "silent-set-array-lock": { underLock() },
  ]

  private static let rounds = 2_000

  static func dictionaryViews() {
    let shared = Shared(AuditedDictionary(uniqueKeysWithValues: (0..<64).map { ($0, $0) }))
    let (keys, values, slice) = (shared.value.keys, shared.value.values, shared.value.dropFirst(3))
    let (indices, lazy, pairs) = (shared.value.indices, shared.value.lazy, shared.value.enumerated())
    let iterator = shared.value.makeIterator()
    let copies = (iterator, lazy, pairs)
    onThreads(3) { worker in
      for round in 0..<rounds {
        if worker == 0 {
          shared.value[round % 64] = round
        } else {
          var iterator = copies.0
          precondition(iterator.next() != nil && keys.contains(round % 64) && values.count == 64)
          precondition(slice.count == 61 && indices.count == 64)
          precondition(copies.1.map(\.key).first != nil && copies.2.first { _ in true } != nil)
        }
      }
    }
    precondition(values.reduce(0, +) == 2_016, "the snapshot has changed")
  }

  static func setViews() {
    let shared = Shared(AuditedSet(0..<64))
    let (slice, indices, reversed) = (shared.value.prefix(10), shared.value.indices, shared.value.reversed())
    let iterator = shared.value.makeIterator()
    onThreads(3) { worker in
      for round in 0..<rounds {
        if worker == 0 {
          shared.value.formSymmetricDifference([round % 64])
        } else {
          var iterator = iterator
          precondition(iterator.next() != nil && slice.count == 10 && indices.count == 64 && reversed.count == 64)
        }
      }
    }
  }

  static func arrayViews() {
    let shared = Shared(AuditedArray(0..<64))
    let (slice, indices, reversed) = (shared.value[10..<20], shared.value.indices, shared.value.reversed() as [Int])
    let (copy, iterator) = (shared.value, shared.value.makeIterator())
    onThreads(3) { worker in
      for round in 0..<rounds {
        if worker == 0 {
          shared.value[round % 64] += 1
        } else {
          var iterator = iterator
          precondition(iterator.next() == 0 && slice.first == 10 && indices.count == 64 && reversed[0] == 63)
          precondition(copy[round % 64] == round % 64)
        }
      }
    }
  }

  /// Sets and arrays of several threads under one lock.
  static func underLock() {
    let (set, array) = (Shared(AuditedSet<Int>()), Shared(AuditedArray<Int>()))
    let lock = NSLock()
    onThreads(4) { worker in
      for round in 0..<rounds {
        lock.withLock {
          set.value.insert(round % 64)
          array.value.append(worker)
          array.value[round % array.value.count] += 1
          if array.value.count > 100 { array.value.removeAll(keepingCapacity: true) }
          precondition(set.value.contains(round % 64))
        }
      }
    }
    precondition(set.value.count == 64)
  }
}
