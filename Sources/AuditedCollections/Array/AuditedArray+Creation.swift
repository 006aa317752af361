// SPDX-License-Identifier: Apache-2.0
//
// Creation of arrays: Array's own initialisers, whose results are wrapped. Nothing here accesses a
// shared array.

#if AUDITED && canImport(Glibc)

extension AuditedArray {
  /// Creates an array of the elements of a sequence.
  ///
  /// - Complexity: O(n).
  @inlinable
  public init<S: Sequence>(_ s: S) where S.Element == Element {
    self.init(wrapping: Array(s))
  }

  /// The same array: a copy, as by assignment.
  ///
  /// - Complexity: O(1).
  @inlinable
  public init(_ array: AuditedArray) { self = array }

  /// Creates an array of one element, many times.
  ///
  /// - Complexity: O(count).
  @inlinable
  public init(repeating repeatedValue: Element, count: Int) {
    self.init(wrapping: Array(repeating: repeatedValue, count: count))
  }

  /// Creates an array whose elements `initializer` writes to memory; it sets their number.
  ///
  /// - Throws: the error of `initializer`; the elements that it had initialised by then are
  ///   destroyed.
  /// - Complexity: O(1) beside `initializer`.
  @inlinable
  public init<E: Error>(
    unsafeUninitializedCapacity: Int,
    initializingWith initializer: (
      _ buffer: inout UnsafeMutableBufferPointer<Element>, _ initializedCount: inout Int
    ) throws(E) -> Void
  ) throws(E) {
    self.init(
      try Array(unsafeUninitializedCapacity: unsafeUninitializedCapacity, initializingWith: initializer),
      label: nil)
  }

  /// Creates an array whose elements `initializer` appends to a span.
  ///
  /// - Throws: the error of `initializer`.
  /// - Complexity: O(1) beside `initializer`.
  @inlinable
  public init<E: Error>(
    capacity: Int, initializingWith initializer: (_ span: inout OutputSpan<Element>) throws(E) -> Void
  ) throws(E) {
    self.init(wrapping: try Array(capacity: capacity, initializingWith: initializer))
  }
}

extension AuditedArray: ExpressibleByArrayLiteral {
  /// The array of a literal.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public init(arrayLiteral elements: Element...) {
    self.init(wrapping: elements)
  }
}

#endif
