// SPDX-License-Identifier: Apache-2.0
//
// The words of the process, which lie in C's static storage: ready before any code runs, and never
// made lazily under a lock of the runtime's. Used as `Synchronization.Atomic` is; nothing here
// allocates, locks or needs metadata.

#if AUDITED && canImport(Glibc)

public import CAccessRecorder
public import Synchronization

/// A word of the process: see `audit_state.h`.
@frozen @usableFromInline
package struct SharedWord<Value: AtomicRepresentable> {
  @usableFromInline package let pointer: UnsafeMutablePointer<Atomic<Value>>

  /// - Parameter word: one of the constants `AUDIT_WORD_…`; one type for each.
  @inlinable @_transparent
  package init(_ word: Int) {
    pointer = audit_word(Int32(truncatingIfNeeded: word)).assumingMemoryBound(to: Atomic<Value>.self)
  }
}

// The standard library has the operations once for each size; so does this.

extension SharedWord where Value.AtomicRepresentation == UInt8.AtomicRepresentation {
  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func load(ordering: AtomicLoadOrdering) -> Value { pointer.pointee.load(ordering: ordering) }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func store(_ value: consuming Value, ordering: AtomicStoreOrdering) {
    pointer.pointee.store(value, ordering: ordering)
  }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func exchange(_ value: consuming Value, ordering: AtomicUpdateOrdering) -> Value {
    pointer.pointee.exchange(value, ordering: ordering)
  }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func compareExchange(
    expected: consuming Value, desired: consuming Value, ordering: AtomicUpdateOrdering
  ) -> (exchanged: Bool, original: Value) {
    pointer.pointee.compareExchange(expected: expected, desired: desired, ordering: ordering)
  }
}

extension SharedWord where Value.AtomicRepresentation == UInt32.AtomicRepresentation {
  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func load(ordering: AtomicLoadOrdering) -> Value { pointer.pointee.load(ordering: ordering) }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func store(_ value: consuming Value, ordering: AtomicStoreOrdering) {
    pointer.pointee.store(value, ordering: ordering)
  }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func exchange(_ value: consuming Value, ordering: AtomicUpdateOrdering) -> Value {
    pointer.pointee.exchange(value, ordering: ordering)
  }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func compareExchange(
    expected: consuming Value, desired: consuming Value, ordering: AtomicUpdateOrdering
  ) -> (exchanged: Bool, original: Value) {
    pointer.pointee.compareExchange(expected: expected, desired: desired, ordering: ordering)
  }
}

extension SharedWord where Value.AtomicRepresentation == UInt64.AtomicRepresentation {
  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func load(ordering: AtomicLoadOrdering) -> Value { pointer.pointee.load(ordering: ordering) }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func store(_ value: consuming Value, ordering: AtomicStoreOrdering) {
    pointer.pointee.store(value, ordering: ordering)
  }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func exchange(_ value: consuming Value, ordering: AtomicUpdateOrdering) -> Value {
    pointer.pointee.exchange(value, ordering: ordering)
  }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent
  package func compareExchange(
    expected: consuming Value, desired: consuming Value, ordering: AtomicUpdateOrdering
  ) -> (exchanged: Bool, original: Value) {
    pointer.pointee.compareExchange(expected: expected, desired: desired, ordering: ordering)
  }
}

extension SharedWord where Value == Int {
  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent @discardableResult
  package func wrappingAdd(
    _ operand: Int, ordering: AtomicUpdateOrdering
  ) -> (oldValue: Int, newValue: Int) { pointer.pointee.wrappingAdd(operand, ordering: ordering) }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent @discardableResult
  package func wrappingSubtract(
    _ operand: Int, ordering: AtomicUpdateOrdering
  ) -> (oldValue: Int, newValue: Int) { pointer.pointee.wrappingSubtract(operand, ordering: ordering) }
}

extension SharedWord where Value == UInt32 {
  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent @discardableResult
  package func wrappingAdd(
    _ operand: UInt32, ordering: AtomicUpdateOrdering
  ) -> (oldValue: UInt32, newValue: UInt32) { pointer.pointee.wrappingAdd(operand, ordering: ordering) }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent @discardableResult
  package func wrappingSubtract(
    _ operand: UInt32, ordering: AtomicUpdateOrdering
  ) -> (oldValue: UInt32, newValue: UInt32) { pointer.pointee.wrappingSubtract(operand, ordering: ordering) }
}

extension SharedWord where Value == UInt64 {
  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent @discardableResult
  package func wrappingAdd(
    _ operand: UInt64, ordering: AtomicUpdateOrdering
  ) -> (oldValue: UInt64, newValue: UInt64) { pointer.pointee.wrappingAdd(operand, ordering: ordering) }

  @_semantics("atomics.requires_constant_orderings") @inlinable @_transparent @discardableResult
  package func wrappingSubtract(
    _ operand: UInt64, ordering: AtomicUpdateOrdering
  ) -> (oldValue: UInt64, newValue: UInt64) { pointer.pointee.wrappingSubtract(operand, ordering: ordering) }
}

#endif
