// SPDX-License-Identifier: Apache-2.0
//
// Values that count their instances. Counting is atomic; they do nothing else.

import Synchronization

/// The number of its values that are alive.
final class LifeCounter: Sendable {
  private let count = Atomic<Int>(0)

  var alive: Int { count.load(ordering: .acquiring) }

  func make(_ number: Int) -> Counted { Counted(number, self) }

  fileprivate func add(_ change: Int) { count.add(change, ordering: .acquiringAndReleasing) }
}

/// A value whose instances are counted.
final class Counted: Sendable, Hashable {
  let number: Int
  private let counter: LifeCounter
  private let guardWord: Int

  fileprivate init(_ number: Int, _ counter: LifeCounter) {
    self.number = number
    self.counter = counter
    guardWord = ~number
    counter.add(1)
  }

  deinit { counter.add(-1) }

  /// True when the value is whole; false means that freed or torn memory was read.
  var isWhole: Bool { guardWord == ~number }

  static func == (one: Counted, other: Counted) -> Bool { one.number == other.number }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// A key that shares its hash with many others.
struct CollidingKey: Hashable, Sendable {
  var number: Int

  func hash(into hasher: inout Hasher) { hasher.combine(number & 1) }
}
