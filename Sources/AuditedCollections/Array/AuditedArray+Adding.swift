// SPDX-License-Identifier: Apache-2.0
//
// The mutating members that add elements. Each is one window that lasts to the end of the mutation.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray: RangeReplaceableCollection {
  /// Adds an element at the end.
  ///
  /// - Complexity: O(1) on average over many.
  @inlinable @inline(always)
  public mutating func append(_ newElement: Element) {
    let window = WriteWindow(&monitor, .append)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.append(newElement)
  }

  /// Adds the elements of a sequence at the end.
  ///
  /// - Complexity: O(m) on average, with m new elements.
  @inlinable
  public mutating func append<S: Sequence>(contentsOf newElements: S) where S.Element == Element {
    let window = WriteWindow(&monitor, .appendContentsOf)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.append(contentsOf: newElements)
  }

  /// Adds the elements of an audited array at the end, which is read before this one is written.
  ///
  /// - Complexity: O(m) on average, with m new elements.
  @inlinable
  public mutating func append(contentsOf newElements: AuditedArray) {
    let plain = newElements.array
    let window = WriteWindow(&monitor, .appendContentsOf)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.append(contentsOf: plain)
  }

  /// Adds up to `uninitializedCount` elements that `initializer` appends to a span.
  ///
  /// - Throws: the error of `initializer`.
  /// - Complexity: O(m) on average beside `initializer`, with m new elements.
  @inlinable
  public mutating func append<E: Error>(
    addingCapacity uninitializedCount: Int,
    initializingWith initializer: (_ span: inout OutputSpan<Element>) throws(E) -> Void
  ) throws(E) {
    try write(.appendAddingCapacity) { plain throws(E) in
      try plain.append(addingCapacity: uninitializedCount, initializingWith: initializer)
    }
  }

  /// Inserts an element before the one at `i`, or at the end.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func insert(_ newElement: Element, at i: Int) {
    let window = WriteWindow(&monitor, .insertAt)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.insert(newElement, at: i)
  }

  /// Inserts the elements of a collection before the one at `i`, or at the end.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public mutating func insert<C: Collection>(contentsOf newElements: C, at i: Int) where C.Element == Element {
    let window = WriteWindow(&monitor, .insertContentsOf)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.insert(contentsOf: newElements, at: i)
  }

  /// Inserts the elements of an audited array, which is read before this one is written.
  ///
  /// - Complexity: O(n + m).
  @inlinable
  public mutating func insert(contentsOf newElements: AuditedArray, at i: Int) {
    let plain = newElements.array
    let window = WriteWindow(&monitor, .insertContentsOf)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.insert(contentsOf: plain, at: i)
  }

  /// Makes room for `minimumCapacity` elements.
  ///
  /// - Complexity: O(n) when the elements move.
  @inlinable
  public mutating func reserveCapacity(_ minimumCapacity: Int) {
    let window = WriteWindow(&monitor, .reserveCapacity)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.reserveCapacity(minimumCapacity)
  }
}

#endif
