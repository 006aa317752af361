// SPDX-License-Identifier: Apache-2.0
//
// Reads that pick or order pairs, each one access. Views hold a snapshot.

#if DEBUG || AuditInRelease

  public import AccessAudit

  extension AuditedDictionary {
    /// The first pair; `nil` when there is none.
    ///
    /// - Complexity: O(1) amortised.
    @inlinable
    public var first: Element? {
      read(.first) { $0.first }
    }

    /// One of the pairs at random; `nil` when there is none.
    ///
    /// - Complexity: O(n).
    @inlinable
    public func randomElement() -> Element? {
      read(.randomElement) { $0.randomElement() }
    }

    /// One of the pairs at random, by `generator`; `nil` when there is none.
    ///
    /// - Complexity: O(n).
    @inlinable
    public func randomElement<T: RandomNumberGenerator>(using generator: inout T) -> Element? {
      read(.randomElementUsing) { $0.randomElement(using: &generator) }
    }

    /// The pairs in random order.
    ///
    /// - Complexity: O(n).
    @inlinable
    public func shuffled() -> [Element] {
      read(.shuffled) { $0.shuffled() }
    }

    /// The pairs in the order that `generator` decides.
    ///
    /// - Complexity: O(n).
    @inlinable
    public func shuffled<T: RandomNumberGenerator>(using generator: inout T) -> [Element] {
      read(.shuffledUsing) { $0.shuffled(using: &generator) }
    }

    /// The pairs from the last to the first.
    ///
    /// - Complexity: O(n).
    @inlinable
    public func reversed() -> [Element] {
      read(.reversed) { $0.reversed() }
    }

    /// The pairs with their numbers, from 0: a snapshot.
    ///
    /// - Complexity: O(1).
    @inlinable
    public func enumerated() -> EnumeratedSequence<[Key: Value]> {
      read(.enumerated) { $0.enumerated() }
    }

    /// A lazy view of a snapshot.
    ///
    /// - Complexity: O(1).
    @inlinable
    public var lazy: LazySequence<[Key: Value]> {
      read(.lazy) { $0.lazy }
    }

    /// Calls `body` with the pairs' memory, where they lie in one piece; `nil` otherwise.
    ///
    /// - Throws: the error of `body`.
    @inlinable
    public func withContiguousStorageIfAvailable<R>(
      _ body: (UnsafeBufferPointer<Element>) throws -> R
    ) rethrows -> R? {
      try read(.withContiguousStorageIfAvailable) { plain throws in try plain.withContiguousStorageIfAvailable(body) }
    }

    /// The pairs for `Array(_:)` and similar conversions: one read, where the default would make
    /// several.
    ///
    /// - Complexity: O(n).
    @_implements(Sequence,_copyToContiguousArray())
    @inlinable
    public func contiguousElements() -> ContiguousArray<Element> {
      read(.contiguousElements) { ContiguousArray(copy $0) }
    }
  }

#endif
