// SPDX-License-Identifier: Apache-2.0
//
// The arguments of the reading members whose machine code is checked. Compiled, never run.

import AuditedCollections
import Foundation

final class Object: Hashable, Comparable, Encodable, Sequence, @unchecked Sendable {
  let number: Int
  init(_ number: Int) { self.number = number }
  static func == (left: Object, right: Object) -> Bool { left.number == right.number }
  static func < (left: Object, right: Object) -> Bool { left.number < right.number }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
  func makeIterator() -> IndexingIterator<[Int]> { [number].makeIterator() }
}

/// The matrix's name for it.
typealias MatrixElement = Object

final class DictionaryCell {
  var value: AuditedDictionary<Object, Object> = [:]
  var other: AuditedDictionary<Object, Object> = [:]
  var plain: [Object: Object] = [:]
  var key = Object(1)
  var fresh = Object(1)
  var pairs = [(Object(1), Object(1))]
  var fallback = Object(1)
  var first = [Object: Object]().startIndex
  var second = [Object: Object]().startIndex
  var moving = [Object: Object]().startIndex
  var ranges = RangeSet<Dictionary<Object, Object>.Index>()
  var generator = SystemRandomNumberGenerator()
}

final class SetCell {
  var value: AuditedSet<Object> = []
  var other: AuditedSet<Object> = []
  var plain: Set<Object> = []
  var list = [Object(1)]
  var element = Object(1)
  var first = Set<Object>().startIndex
  var second = Set<Object>().startIndex
  var moving = Set<Object>().startIndex
  var ranges = RangeSet<Set<Object>.Index>()
  var generator = SystemRandomNumberGenerator()
}

final class ArrayCell {
  var value: AuditedArray<Object> = []
  var other: AuditedArray<Object> = []
  var plain: [Object] = []
  var gated: ContiguousArray<Object> = []
  var difference = [Object(1)].difference(from: [Object(2)])
  var element = Object(1)
  var first = 0
  var second = 1
  var moving = 0
  var ranges = RangeSet<Int>()
  var generator = SystemRandomNumberGenerator()
}

final class VariableCell {
  @Audited var value = Object(1)
  @Audited var array = [Object(1)]
}

/// Takes ownership of a member's result: a reference that it holds was retained before.
@inline(never) @_optimize(none)
func keep<Value>(_ value: consuming Value) {}

// A window's end followed by a retain, which the check has to find.
@_silgen_name("audit_close_shielded_read_planted")
func closeShielded(_ monitor: UInt, _ version: UInt64, _ hazard: UInt, _ outer: UInt, _ operation: UInt8)

@inline(never)
func planted_retain(_ object: Unmanaged<Object>) {
  closeShielded(0, 0, 0, 0, 0)
  keep(object.takeUnretainedValue())
}
