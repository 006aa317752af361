// SPDX-License-Identifier: Apache-2.0
//
// Concatenation and comparison with arrays and other sequences. Each reads or writes each audited
// array once.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// The elements of both arrays.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public static func + (left: AuditedArray, right: AuditedArray) -> AuditedArray {
    let other = right.array
    return AuditedArray(wrapping: left.read(.plus) { $0 + other })
  }

  /// The elements of an array and a sequence.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public static func + <Other: Sequence>(left: AuditedArray, right: Other) -> AuditedArray
  where Other.Element == Element {
    AuditedArray(wrapping: left.read(.plus) { $0 + right })
  }

  /// The elements of an array and a collection.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public static func + <Other: RangeReplaceableCollection>(left: AuditedArray, right: Other) -> AuditedArray
  where Other.Element == Element {
    AuditedArray(wrapping: left.read(.plus) { $0 + right })
  }

  /// The elements of a sequence and an array.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public static func + <Other: Sequence>(left: Other, right: AuditedArray) -> AuditedArray
  where Other.Element == Element {
    AuditedArray(wrapping: right.read(.plus) { left + $0 })
  }

  /// The elements of another collection and an array, as a collection of the other's type.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public static func + <Other: RangeReplaceableCollection>(left: Other, right: AuditedArray) -> Other
  where Other.Element == Element {
    right.read(.plus) { left + copy $0 }
  }

  /// The elements of a plain array and an audited one, as a plain array.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public static func + (left: [Element], right: AuditedArray) -> [Element] {
    right.read(.plus) { left + $0 }
  }

  /// Adds the elements of a sequence at the end.
  ///
  /// - Complexity: O(m) on average, with m new elements.
  @inlinable
  public static func += <Other: Sequence>(left: inout AuditedArray, right: Other) where Other.Element == Element {
    left.write(.plusEquals) { $0 += right }
  }

  /// Adds the elements of an audited array, which is read before the other is written.
  ///
  /// - Complexity: O(m) on average, with m new elements.
  @inlinable
  public static func += (left: inout AuditedArray, right: AuditedArray) {
    let plain = right.array
    left.write(.plusEquals) { $0 += plain }
  }

  /// The difference that changes `other` into this array; `areEquivalent` compares the elements.
  ///
  /// - Complexity: O(n * d), with d differences.
  @inlinable
  public func difference<C: BidirectionalCollection>(
    from other: C, by areEquivalent: (C.Element, Element) -> Bool
  ) -> CollectionDifference<Element> where C.Element == Element {
    read(.differenceBy) { $0.difference(from: other, by: areEquivalent) }
  }

  /// The array with a difference applied; `nil` when it does not fit.
  ///
  /// - Complexity: O(n + d), with d differences.
  @inlinable
  public func applying(_ difference: CollectionDifference<Element>) -> AuditedArray? {
    read(.applying) { $0.applying(difference) }.map { AuditedArray(wrapping: $0) }
  }
}

#endif
