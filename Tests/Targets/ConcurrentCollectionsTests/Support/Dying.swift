// SPDX-License-Identifier: Apache-2.0
//
// A key or a value whose end is seen.

/// Runs a closure when it is destroyed.
final class Dying: Sendable, Hashable {
  let number: Int
  private let atTheEnd: @Sendable () -> Void

  init(_ number: Int, _ atTheEnd: @escaping @Sendable () -> Void) {
    self.number = number
    self.atTheEnd = atTheEnd
  }

  deinit { atTheEnd() }

  static func == (one: Dying, other: Dying) -> Bool { one.number == other.number }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
