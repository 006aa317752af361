// SPDX-License-Identifier: Apache-2.0
//
// Reads of sets and dictionaries that pick or order elements, each one access. A view holds a
// snapshot. The array has these members of its own.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedCollection {
  /// The first element; `nil` when there is none.
  ///
  /// - Complexity: O(1) amortised.
  @inlinable
  public var first: Element? {
    @inline(always) get { readPlain(.first) { $0.first } }
  }

  /// One of the elements at random; `nil` when there is none.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func randomElement() -> Element? {
    readPlain(.randomElement) { $0.randomElement() }
  }

  /// One of the elements at random, as `generator` decides; `nil` when there is none.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func randomElement<T: RandomNumberGenerator>(using generator: inout T) -> Element? {
    readPlain(.randomElementUsing) { $0.randomElement(using: &generator) }
  }

  /// The elements in random order.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func shuffled() -> [Element] {
    readPlain(.shuffled) { $0.shuffled() }
  }

  /// The elements in the order that `generator` decides.
  ///
  /// - Complexity: O(n).
  @inlinable @inline(always)
  public func shuffled<T: RandomNumberGenerator>(using generator: inout T) -> [Element] {
    readPlain(.shuffledUsing) { $0.shuffled(using: &generator) }
  }

  /// The elements with their numbers, from 0: a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable @inline(always)
  public func enumerated() -> EnumeratedSequence<Plain> {
    readPlain(.enumerated) { $0.enumerated() }
  }

  /// A view whose operations are carried out when their results are asked for: of a snapshot.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var lazy: LazySequence<Plain> {
    @inline(always) get { readPlain(.lazy) { $0.lazy } }
  }
}

#endif
