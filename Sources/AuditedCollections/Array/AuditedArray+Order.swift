// SPDX-License-Identifier: Apache-2.0
//
// The mutating members that change the order of the elements. Each is one window that lasts to the
// end of the mutation.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// Exchanges two elements.
  ///
  /// - Complexity: O(1).
  @inlinable
  public mutating func swapAt(_ i: Int, _ j: Int) {
    let window = WriteWindow(&monitor, .swapAt)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.swapAt(i, j)
  }

  /// Reverses the order of the elements.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func reverse() {
    let window = WriteWindow(&monitor, .reverse)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.reverse()
  }

  /// Sorts the elements in the order of `areInIncreasingOrder`, which runs inside the access.
  ///
  /// - Throws: the error of `areInIncreasingOrder`.
  /// - Complexity: O(n log n).
  @inlinable
  public mutating func sort(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows {
    try write(.sortBy) { plain throws in try plain.sort(by: areInIncreasingOrder) }
  }

  /// Shuffles the elements.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func shuffle() {
    let window = WriteWindow(&monitor, .shuffle)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.shuffle()
  }

  /// Shuffles the elements with `generator`, which runs inside the access.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func shuffle<T: RandomNumberGenerator>(using generator: inout T) {
    write(.shuffleUsing) { $0.shuffle(using: &generator) }
  }

  /// Moves the elements that `belongsInSecondPartition` accepts behind the others; returns the
  /// index of the first of them.
  ///
  /// - Throws: the error of `belongsInSecondPartition`.
  /// - Complexity: O(n).
  @inlinable
  public mutating func partition(by belongsInSecondPartition: (Element) throws -> Bool) rethrows -> Int {
    try write(.partition) { plain throws in try plain.partition(by: belongsInSecondPartition) }
  }

  /// Moves the elements at the indices of a set of ranges before the one at `insertionPoint`;
  /// returns their new range.
  ///
  /// - Complexity: O(n log n).
  @inlinable @discardableResult
  public mutating func moveSubranges(_ subranges: RangeSet<Int>, to insertionPoint: Int) -> Range<Int> {
    let window = WriteWindow(&monitor, .moveSubranges)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.moveSubranges(subranges, to: insertionPoint)
  }
}

extension AuditedArray where Element: Comparable {
  /// Sorts the elements; their `<` runs inside the access.
  ///
  /// - Complexity: O(n log n).
  @inlinable
  public mutating func sort() {
    let window = WriteWindow(&monitor, .sort)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.sort()
  }
}

#endif
