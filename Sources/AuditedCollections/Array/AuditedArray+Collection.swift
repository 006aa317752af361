// SPDX-License-Identifier: Apache-2.0
//
// Sequence and Collection: elements by index. Iterators and slices are Array's own types: snapshots
// that any thread may use.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray: RandomAccessCollection, MutableCollection {
  public typealias Index = Int
  public typealias Iterator = IndexingIterator<[Element]>
  public typealias SubSequence = ArraySlice<Element>
  public typealias Indices = Range<Int>

  /// An iterator over a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func makeIterator() -> Iterator {
    let window = ReadWindow(monitorAddress, .makeIterator)
    let iterator = window.storage(as: Storage.self).pointee.makeIterator()
    window.close(.makeIterator)
    _fixLifetime(self)
    return iterator
  }

  /// The number of elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var count: Int {
    @inline(always) get {
      let window = ReadWindow(monitorAddress, .count)
      let count = window.storage(as: Storage.self).pointee.count
      window.close(.count)
      _fixLifetime(self)
      return count
    }
  }

  /// The number of elements, for callers through `Sequence`.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var underestimatedCount: Int { read(.underestimatedCount) { $0.underestimatedCount } }

  /// Whether there is no element.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var isEmpty: Bool {
    @inline(always) get {
      let window = ReadWindow(monitorAddress, .isEmpty)
      let isEmpty = window.storage(as: Storage.self).pointee.isEmpty
      window.close(.isEmpty)
      _fixLifetime(self)
      return isEmpty
    }
  }

  /// The number of elements that fit into the present storage.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var capacity: Int { read(.capacity) { $0.capacity } }

  /// The last element; `nil` when there is none.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var last: Element? { read(.last) { $0.last } }

  /// The last element that `predicate` accepts.
  ///
  /// - Throws: the error of `predicate`.
  /// - Complexity: O(n).
  @inlinable
  public func last(where predicate: (Element) throws -> Bool) rethrows -> Element? {
    try read(.lastWhere) { plain throws in try plain.last(where: predicate) }
  }

  /// The element at `index`, which must be valid; mutating it mutates the array in place.
  ///
  /// - Complexity: O(1); O(n) to mutate while the elements are shared with a copy.
  @inlinable
  public subscript(index: Int) -> Element {
    @inline(always) get {
      #if DEBUG
      // Faster in an unoptimised build when auditing is off. An optimised build would retain
      // the storage here.
      if ReadWindow.areOff {
        let value = ReadWindow.storage(of: monitorAddress, as: Storage.self).pointee[index]
        _fixLifetime(self)
        return value
      }
      #endif
      let window = ReadWindow(monitorAddress, .subscriptGet)
      let element = window.storage(as: Storage.self).pointee[index]
      window.close(.subscriptGet)
      _fixLifetime(self)
      return element
    }
    // Separate from `_modify`, whose coroutine costs an unoptimised build more than the
    // assignment.
    @inline(always) set {
      let window = WriteWindow(&monitor, .subscriptSet)
      window.storage(as: Storage.self).pointee[index] = consume newValue
      window.close()
    }
    @inline(always) _modify {
      let window = WriteWindow(moving: &monitor, .subscriptModify)
      defer { window.close() }
      yield &window.storage(as: Storage.self).pointee[index]
    }
  }

  /// The elements between two indices: a snapshot; assigning replaces them.
  ///
  /// - Complexity: O(1) to read, O(n) to replace.
  @inlinable
  public subscript(bounds: Range<Int>) -> ArraySlice<Element> {
    get { read(.subscriptBoundsGet) { $0[bounds] } }
    set { write(.subscriptBoundsSet) { $0[bounds] = newValue } }
    _modify {
      let window = WriteWindow(moving: &monitor, .subscriptBoundsModify)
      defer { window.close() }
      yield &window.storage(as: Storage.self).pointee[bounds]
    }
  }

  /// The elements between the bounds of a range expression: a snapshot; assigning replaces them.
  ///
  /// - Complexity: O(1) to read, O(n) to replace.
  @inlinable
  public subscript<R: RangeExpression>(r: R) -> ArraySlice<Element> where R.Bound == Int {
    get { read(.subscriptBoundsGet) { $0[r] } }
    set { write(.subscriptBoundsSet) { $0[r] = newValue } }
    _modify {
      let window = WriteWindow(moving: &monitor, .subscriptBoundsModify)
      defer { window.close() }
      yield &window.storage(as: Storage.self).pointee[r]
    }
  }

  /// All elements: a snapshot; assigning replaces them.
  ///
  /// - Complexity: O(1) to read, O(n) to replace.
  @inlinable
  public subscript(x: (UnboundedRange_) -> Void) -> ArraySlice<Element> {
    get { read(.subscriptBoundsGet) { $0[x] } }
    set { write(.subscriptBoundsSet) { $0[x] = newValue } }
    _modify {
      let window = WriteWindow(moving: &monitor, .subscriptBoundsModify)
      defer { window.close() }
      yield &window.storage(as: Storage.self).pointee[x]
    }
  }
}

#endif
