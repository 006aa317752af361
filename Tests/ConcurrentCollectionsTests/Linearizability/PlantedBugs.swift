// SPDX-License-Identifier: Apache-2.0
//
// Dictionaries with one mistake each, which the checker must find. They have no data races; only
// the order of their operations is wrong.

import Foundation
import Synchronization

@testable import ConcurrentCollections

/// The mistakes.
enum PlantedBug: CaseIterable, Sendable {
  /// Read-modify-write is a read and a write.
  case lostUpdate
  /// Insertion looks up the key, then stores.
  case insertedTwice
  /// Compare and replace compares, then stores.
  case replacedLate
  /// A change of an optional value is a read and a write.
  case toggledLate
  /// Reads come from a copy that is updated late.
  case staleRead
}

/// A dictionary with a mistake.
final class BuggySubject: Subject {
  private let dictionary = LockedDictionary<Int, Int>()
  private let copy = LockedDictionary<Int, Int>()
  private let writes = Atomic<Int>(0)
  private let bug: PlantedBug

  init(_ bug: PlantedBug) { self.bug = bug }

  func perform(_ operation: KeyOperation, on key: Int) -> Int? {
    switch (bug, operation) {
    case (.lostUpdate, .change(let number)):
      let old = dictionary.value(forKey: key) ?? 1
      sched_yield()
      let new = KeyOperation.changed(old, by: number)
      dictionary.updateValue(new, forKey: key)
      return new
    case (.insertedTwice, .insertIfAbsent(let value)):
      if let present = dictionary.value(forKey: key) { return present }
      sched_yield()
      dictionary.updateValue(value, forKey: key)
      return value
    case (.replacedLate, .replace(let expected, let value)):
      guard dictionary.value(forKey: key) == expected else { return 0 }
      sched_yield()
      dictionary.updateValue(value, forKey: key)
      return 1
    case (.toggledLate, .toggle(let value)):
      let new = KeyOperation.toggled(dictionary.value(forKey: key), value)
      sched_yield()
      if let new { dictionary.updateValue(new, forKey: key) } else { dictionary.removeValue(forKey: key) }
      return new
    case (.staleRead, .read):
      return copy.value(forKey: key)
    case (.staleRead, _):
      let result = dictionary.perform(operation, on: key)
      sched_yield()
      let now = dictionary.snapshot()
      if !writes.add(1, ordering: .relaxed).newValue.isMultiple(of: 4) { copy.withExclusive { $0 = now } }
      return result
    default:
      return dictionary.perform(operation, on: key)
    }
  }

  func removeAllEven() {
    dictionary.removeAll { $0.value.isMultiple(of: 2) }
    if bug == .staleRead { copy.withExclusive { [now = dictionary.snapshot()] in $0 = now } }
  }

  func removeAll() {
    dictionary.removeAll()
    if bug == .staleRead { copy.removeAll() }
  }

  func snapshot() -> [Int: Int] { dictionary.snapshot() }
}
