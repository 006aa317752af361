// SPDX-License-Identifier: Apache-2.0
//
// The elements of the matrix's collections: they spring the trap wherever a collection runs its
// elements' code.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation

/// Springs the trap when its last reference is dropped.
final class Wire: Sendable {
  let trap: Trap
  init(_ trap: Trap) { self.trap = trap }
  deinit { trap.spring() }
}

/// An element that springs the trap when it is hashed, compared or destroyed. All hashes are
/// equal, so that the removal of one element hashes others again.
struct MatrixElement: Hashable, Comparable, Encodable, Sequence, Sendable {
  var number: Int
  let wire: Wire

  init(_ number: Int, _ trap: Trap) {
    self.number = number
    wire = Wire(trap)
  }

  static func == (left: MatrixElement, right: MatrixElement) -> Bool {
    left.wire.trap.spring()
    return left.number == right.number
  }

  static func < (left: MatrixElement, right: MatrixElement) -> Bool {
    left.wire.trap.spring()
    return left.number < right.number
  }

  func hash(into hasher: inout Hasher) {
    wire.trap.spring()
    hasher.combine(0)
  }

  func encode(to encoder: any Encoder) throws { try number.encode(to: encoder) }
  func makeIterator() -> IndexingIterator<[Int]> { [number].makeIterator() }

  mutating func touch(_ trap: Trap) {
    trap.spring()
    number += 1
  }

  /// Springs the trap, as a predicate that rejects.
  func springs() -> Bool {
    wire.trap.spring()
    return false
  }
}

/// A dictionary's value.
struct MatrixValue: Hashable, Encodable, Sendable {
  var number: Int
  let wire: Wire

  init(_ number: Int, _ trap: Trap) {
    self.number = number
    wire = Wire(trap)
  }

  static func == (left: MatrixValue, right: MatrixValue) -> Bool { left.number == right.number }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
  func encode(to encoder: any Encoder) throws { try number.encode(to: encoder) }

  mutating func touch(_ trap: Trap) {
    trap.spring()
    number += 1
  }
}

/// A collection that springs the trap when its elements are read.
struct GatedElements: RandomAccessCollection, RangeReplaceableCollection, Sendable {
  var elements: [MatrixElement] = []
  var trap: Trap?

  init() {}
  init(_ elements: [MatrixElement], _ trap: Trap) {
    self.elements = elements
    self.trap = trap
  }

  var startIndex: Int { 0 }
  var endIndex: Int { elements.count }
  subscript(position: Int) -> MatrixElement {
    trap?.spring()
    return elements[position]
  }
  mutating func replaceSubrange<C: Collection>(_ bounds: Range<Int>, with new: C) where C.Element == MatrixElement {
    elements.replaceSubrange(bounds, with: new)
  }
}

/// Runs `body` on a variable, because a mutable span of a class's property is not available in
/// place.
func with<Value>(_ value: inout Value, _ body: (inout Value) -> Void) { body(&value) }

extension UnsafeMutableRawBufferPointer {
  /// Springs the trap of the first element.
  func loadSpringing() {
    guard let first = bindMemory(to: MatrixElement.self).first else { return }
    _ = first.springs()
  }
}

#endif
