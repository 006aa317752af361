// SPDX-License-Identifier: Apache-2.0
//
// Reads that pick or order elements, each one access. Views hold a snapshot.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// The first element; `nil` when there is none.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var first: Element? {
    read(.first) { $0.first }
  }

  /// One of the elements at random; `nil` when there is none.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func randomElement() -> Element? {
    read(.randomElement) { $0.randomElement() }
  }

  /// One of the elements at random, by `generator`; `nil` when there is none.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func randomElement<T: RandomNumberGenerator>(using generator: inout T) -> Element? {
    read(.randomElementUsing) { $0.randomElement(using: &generator) }
  }

  /// The elements in random order.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func shuffled() -> [Element] {
    read(.shuffled) { $0.shuffled() }
  }

  /// The elements in the order that `generator` decides.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func shuffled<T: RandomNumberGenerator>(using generator: inout T) -> [Element] {
    read(.shuffledUsing) { $0.shuffled(using: &generator) }
  }

  /// A view of the elements from the last to the first: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func reversed() -> ReversedCollection<[Element]> {
    read(.reversed) { $0.reversed() }
  }

  /// The elements with their numbers, from 0: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public func enumerated() -> EnumeratedSequence<[Element]> {
    read(.enumerated) { $0.enumerated() }
  }

  /// A lazy view of a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var lazy: LazySequence<[Element]> {
    read(.lazy) { $0.lazy }
  }

  /// Calls `body` with the elements' memory, where they lie in one piece; `nil` otherwise.
  ///
  /// - Throws: the error of `body`.
  @inlinable
  public func withContiguousStorageIfAvailable<R>(
    _ body: (UnsafeBufferPointer<Element>) throws -> R
  ) rethrows -> R? {
    try read(.withContiguousStorageIfAvailable) { plain throws in try plain.withContiguousStorageIfAvailable(body) }
  }

  /// The elements for `Array(_:)` and similar conversions: one read, where the default would make
  /// several.
  ///
  /// - Complexity: O(n).
  @_implements(Sequence,_copyToContiguousArray())
  @inlinable
  public func contiguousElements() -> ContiguousArray<Element> {
    read(.contiguousElements) { ContiguousArray(copy $0) }
  }

  /// What `Array.append(contentsOf:)` and its like take the elements by: one read, where the
  /// default would make several.
  ///
  /// - Complexity: O(n).
  @_implements(Sequence,_copyContents(initializing:))
  @inlinable
  public func copyElements(
    initializing buffer: UnsafeMutableBufferPointer<Element>
  ) -> (Iterator, UnsafeMutableBufferPointer<Element>.Index) {
    read(.contiguousElements) { $0._copyContents(initializing: buffer) }
  }
}

#endif
