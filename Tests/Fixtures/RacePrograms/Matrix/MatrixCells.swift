// SPDX-License-Identifier: Apache-2.0
//
// The cells that the matrix's threads share: a collection, and arguments for its members, built
// before the trap is armed.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Synchronization

/// The number of elements of a new cell.
private let count = 6

/// The values that members returned. Their destruction would spring the trap outside the access,
/// so they are kept.
final class Kept: Sendable {
  private let values = Mutex<[any Sendable]>([])
  func add(_ value: some Sendable) { values.withLock { $0.append(value) } }
}

final class DictionaryCell: MatrixCell, @unchecked Sendable {
  typealias Plain = [MatrixElement: MatrixValue]

  var value: AuditedDictionary<MatrixElement, MatrixValue>
  let trap: Trap
  let kept = Kept()
  let plain: Plain
  let other: AuditedDictionary<MatrixElement, MatrixValue>
  let pairs: [(MatrixElement, MatrixValue)]
  let key: MatrixElement
  let fresh: MatrixValue
  let first: Plain.Index
  let second: Plain.Index
  var moving: Plain.Index
  let ranges: RangeSet<Plain.Index>
  var generator = SystemRandomNumberGenerator()

  init(_ trap: Trap, label: String) {
    self.trap = trap
    func pairs() -> [(MatrixElement, MatrixValue)] {
      (0..<count).map { (MatrixElement($0, trap), MatrixValue($0, trap)) }
    }
    value = AuditedDictionary(label: label)
    for (key, element) in pairs() { value[key] = element }
    self.pairs = pairs()
    plain = Plain(uniqueKeysWithValues: pairs())
    other = AuditedDictionary(uniqueKeysWithValues: pairs())
    key = MatrixElement(1, trap)
    fresh = MatrixValue(9, trap)
    (first, second) = (value.startIndex, value.index(after: value.startIndex))
    moving = value.startIndex
    ranges = RangeSet(value.startIndex..<second)
  }

  func write(_ operation: AccessOperation) { value.write(operation) { _ in trap.spring() } }
}

final class SetCell: MatrixCell, @unchecked Sendable {
  var value: AuditedSet<MatrixElement>
  let trap: Trap
  let kept = Kept()
  let plain: Set<MatrixElement>
  let other: AuditedSet<MatrixElement>
  let list: [MatrixElement]
  let element: MatrixElement
  let first: Set<MatrixElement>.Index
  let second: Set<MatrixElement>.Index
  var moving: Set<MatrixElement>.Index
  let ranges: RangeSet<Set<MatrixElement>.Index>
  var generator = SystemRandomNumberGenerator()

  init(_ trap: Trap, label: String) {
    self.trap = trap
    func elements() -> [MatrixElement] { (0..<count).map { MatrixElement($0, trap) } }
    value = AuditedSet(label: label)
    for element in elements() { value.insert(element) }
    plain = Set(elements())
    other = AuditedSet(elements())
    list = elements()
    element = MatrixElement(1, trap)
    (first, second) = (value.startIndex, value.index(after: value.startIndex))
    moving = value.startIndex
    ranges = RangeSet(value.startIndex..<second)
  }

  func write(_ operation: AccessOperation) { value.write(operation) { _ in trap.spring() } }
}

final class ArrayCell: MatrixCell, @unchecked Sendable {
  var value: AuditedArray<MatrixElement>
  let trap: Trap
  let kept = Kept()
  let plain: [MatrixElement]
  let other: AuditedArray<MatrixElement>
  let gated: GatedElements
  let element: MatrixElement
  let difference: CollectionDifference<MatrixElement>
  let first = 1
  let second = 2
  var moving = 1
  let ranges = RangeSet(0..<1)
  var generator: SpringingGenerator

  init(_ trap: Trap, label: String) {
    self.trap = trap
    func elements() -> [MatrixElement] { (0..<count).map { MatrixElement($0, trap) } }
    value = AuditedArray(label: label)
    for element in elements() { value.append(element) }
    plain = elements()
    other = AuditedArray(elements())
    gated = GatedElements([MatrixElement(7, trap)], trap)
    element = MatrixElement(1, trap)
    difference = plain.difference(from: [])
    generator = SpringingGenerator(trap: trap)
  }

  /// Initialises the memory that an array appends, and springs the trap.
  func springing(_ span: inout OutputSpan<MatrixElement>) {
    trap.spring()
    span.append(element)
  }

  func write(_ operation: AccessOperation) { value.write(operation) { _ in trap.spring() } }
}

/// A generator that springs the trap.
struct SpringingGenerator: RandomNumberGenerator {
  let trap: Trap
  mutating func next() -> UInt64 {
    trap.spring()
    return UInt64.random(in: 0 ... .max)
  }
}

/// A variable that is audited itself.
final class VariableCell: MatrixCell, @unchecked Sendable {
  @Audited var value: [MatrixElement]
  let trap: Trap
  let fresh: [MatrixElement]

  init(_ trap: Trap, label: String) {
    self.trap = trap
    _value = Audited(wrappedValue: [MatrixElement(1, trap), MatrixElement(2, trap)], label: label)
    fresh = [MatrixElement(3, trap)]
  }

  func write(_ operation: AccessOperation) { fatalError("every row can be held") }

  static func add(to rows: inout MatrixRows<VariableCell>) {
    rows.read("wrappedValue", .wrappedValueGet) { _ = $0.value }
    rows.read("wrappedValue", .wrappedValueGet) { _ = $0.value.count }
    rows.write("wrappedValue", .wrappedValueSet) { $0.value = $0.fresh }
    rows.write("wrappedValue", .wrappedValueModify) { $0.value[0].touch($0.trap) }
    rows.write("wrappedValue", .wrappedValueModify) { $0.value.removeAll { $0.springs() } }
  }
}

#endif
