// SPDX-License-Identifier: Apache-2.0
//
// The mutating members that remove or replace elements. Each is one window that lasts to the end of
// the mutation.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// Removes and returns the element at `index`, which must be valid.
  ///
  /// - Complexity: O(n).
  @inlinable @discardableResult
  public mutating func remove(at index: Int) -> Element {
    let window = WriteWindow(&monitor, .removeAtIndex)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.remove(at: index)
  }

  /// Removes and returns the first element; the array must not be empty.
  ///
  /// - Complexity: O(n).
  @inlinable @discardableResult
  public mutating func removeFirst() -> Element {
    let window = WriteWindow(&monitor, .removeFirst)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.removeFirst()
  }

  /// Removes the first `k` elements.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeFirst(_ k: Int) {
    let window = WriteWindow(&monitor, .removeFirstCount)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeFirst(k)
  }

  /// Removes and returns the last element; the array must not be empty.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always) @discardableResult
  public mutating func removeLast() -> Element {
    let window = WriteWindow(&monitor, .removeLast)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.removeLast()
  }

  /// Removes the last `k` elements.
  ///
  /// - Complexity: O(k).
  @inlinable
  public mutating func removeLast(_ k: Int) {
    let window = WriteWindow(&monitor, .removeLastCount)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeLast(k)
  }

  /// Removes and returns the last element; `nil` when there is none.
  ///
  /// - Complexity: O(1).
  @inlinable
  public mutating func popLast() -> Element? {
    let window = WriteWindow(&monitor, .popLast)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.popLast()
  }

  /// Removes all elements.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeAll(keepingCapacity keepCapacity: Bool = false) {
    let window = WriteWindow(&monitor, .removeAll)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeAll(keepingCapacity: keepCapacity)
  }

  /// Removes the elements that `shouldBeRemoved` accepts, which runs inside the access.
  ///
  /// - Throws: the error of `shouldBeRemoved`.
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeAll(where shouldBeRemoved: (Element) throws -> Bool) rethrows {
    try write(.removeAllWhere) { plain throws in try plain.removeAll(where: shouldBeRemoved) }
  }

  /// Removes the elements between two indices.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeSubrange(_ bounds: Range<Int>) {
    let window = WriteWindow(&monitor, .removeSubrange)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeSubrange(bounds)
  }

  /// Removes the elements between the bounds of a range expression.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeSubrange<R: RangeExpression>(_ bounds: R) where R.Bound == Int {
    let window = WriteWindow(&monitor, .removeSubrange)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeSubrange(bounds)
  }

  /// Removes the elements at the indices of a set of ranges.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeSubranges(_ subranges: RangeSet<Int>) {
    let window = WriteWindow(&monitor, .removeSubranges)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeSubranges(subranges)
  }

  /// Replaces the elements between two indices by those of a collection.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public mutating func replaceSubrange<C: Collection>(
    _ subrange: Range<Int>, with newElements: C
  ) where C.Element == Element {
    let window = WriteWindow(&monitor, .replaceSubrange)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.replaceSubrange(subrange, with: newElements)
  }

  /// Replaces the elements between two indices by those of an audited array, which is read before
  /// this one is written.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public mutating func replaceSubrange(_ subrange: Range<Int>, with newElements: AuditedArray) {
    let plain = newElements.array
    let window = WriteWindow(&monitor, .replaceSubrange)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.replaceSubrange(subrange, with: plain)
  }

  /// Replaces the elements between the bounds of a range expression by those of a collection.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public mutating func replaceSubrange<C: Collection, R: RangeExpression>(
    _ subrange: R, with newElements: C
  ) where C.Element == Element, R.Bound == Int {
    let window = WriteWindow(&monitor, .replaceSubrange)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.replaceSubrange(subrange, with: newElements)
  }
}

#endif
