// SPDX-License-Identifier: Apache-2.0
//
// A value that holds references of each kind and checks that they are unchanged since its creation.

/// An object that a value refers to.
final class Referred: Sendable {
  let number: Int
  private let complement: Int

  init(_ number: Int) {
    self.number = number
    complement = ~number
  }

  deinit { assert(isWhole) }

  var isWhole: Bool { complement == ~number }
}

/// A value that holds an array, an object and a string of one number.
struct ReferenceValue: Sendable {
  var items: [Int]
  var object: Referred
  var name: String

  init(_ number: Int) {
    items = [Int](repeating: number, count: 5)
    object = Referred(number)
    name = Self.name(number)
  }

  /// A string that is long enough to be allocated.
  static func name(_ number: Int) -> String { "the value's number, at length: \(number)" }

  /// True when all its parts have the same number.
  var isWhole: Bool {
    Self.isWhole(items) && object.isWhole && items[0] == object.number && Self.isWhole(name)
      && name == Self.name(object.number)
  }

  static func isWhole(_ items: [Int]) -> Bool { items.count == 5 && items.allSatisfy { $0 == items[0] } }

  static func isWhole(_ name: String) -> Bool { name.hasPrefix("the value's number, at length: ") }
}
