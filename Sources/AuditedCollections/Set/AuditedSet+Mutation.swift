// SPDX-License-Identifier: Apache-2.0
//
// The mutating members for single members. Each is one window that lasts to the end of the
// mutation.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet {
  /// Adds a member unless the set has an equal one; returns whether it was added, and the member
  /// that is now in the set.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @inline(always) @discardableResult
  public mutating func insert(_ newMember: Element) -> (inserted: Bool, memberAfterInsert: Element) {
    let window = WriteWindow(&monitor, .insert)
    defer { window.close(key: newMember) }
    return window.storage(as: Storage.self).pointee.insert(newMember)
  }

  /// Adds a member, in place of an equal one; returns the replaced member.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @inline(always) @discardableResult
  public mutating func update(with newMember: Element) -> Element? {
    let window = WriteWindow(&monitor, .update)
    defer { window.close(key: newMember) }
    return window.storage(as: Storage.self).pointee.update(with: newMember)
  }

  /// Removes a member; returns it.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @inline(always) @discardableResult
  public mutating func remove(_ member: Element) -> Element? {
    let window = WriteWindow(&monitor, .remove)
    defer { window.close(key: member) }
    return window.storage(as: Storage.self).pointee.remove(member)
  }

  /// Removes the member at `position`, which must be valid; returns it.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @discardableResult
  public mutating func remove(at position: Index) -> Element {
    let window = WriteWindow(&monitor, .removeAtIndex)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.remove(at: position)
  }

  /// Removes all members.
  ///
  /// - Complexity: O(n).
  @inlinable
  public mutating func removeAll(keepingCapacity keepCapacity: Bool = false) {
    let window = WriteWindow(&monitor, .removeAll)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.removeAll(keepingCapacity: keepCapacity)
  }

  /// Removes and returns the first member; the set must not be empty.
  ///
  /// - Complexity: O(1) amortised over all members.
  @inlinable @discardableResult
  public mutating func removeFirst() -> Element {
    let window = WriteWindow(&monitor, .removeFirst)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.removeFirst()
  }

  /// Removes and returns the first member; `nil` when there is none.
  ///
  /// - Complexity: O(1) amortised over all members.
  @inlinable
  public mutating func popFirst() -> Element? {
    let window = WriteWindow(&monitor, .popFirst)
    defer { window.close() }
    return window.storage(as: Storage.self).pointee.popFirst()
  }

  /// Makes room for `minimumCapacity` members.
  ///
  /// - Complexity: O(n) when the elements move.
  @inlinable
  public mutating func reserveCapacity(_ minimumCapacity: Int) {
    let window = WriteWindow(&monitor, .reserveCapacity)
    defer { window.close() }
    window.storage(as: Storage.self).pointee.reserveCapacity(minimumCapacity)
  }
}

extension AuditedSet where Element == AnyHashable {
  /// Adds a member of any hashable type unless the set has an equal one; returns whether it was
  /// added, and the member that is now in the set.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @discardableResult
  public mutating func insert<ConcreteElement: Hashable>(
    _ newMember: ConcreteElement
  ) -> (inserted: Bool, memberAfterInsert: ConcreteElement) {
    let window = WriteWindow(&monitor, .insert)
    defer { window.close(key: newMember) }
    return window.storage(as: Storage.self).pointee.insert(newMember)
  }

  /// Adds a member of any hashable type, in place of an equal one; returns the replaced member.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @discardableResult
  public mutating func update<ConcreteElement: Hashable>(with newMember: ConcreteElement) -> ConcreteElement? {
    let window = WriteWindow(&monitor, .update)
    defer { window.close(key: newMember) }
    return window.storage(as: Storage.self).pointee.update(with: newMember)
  }

  /// Removes a member of any hashable type; returns it.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @discardableResult
  public mutating func remove<ConcreteElement: Hashable>(_ member: ConcreteElement) -> ConcreteElement? {
    let window = WriteWindow(&monitor, .remove)
    defer { window.close(key: member) }
    return window.storage(as: Storage.self).pointee.remove(member)
  }
}

#endif
