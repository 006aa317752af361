// SPDX-License-Identifier: Apache-2.0
//
// The ring of records of one thread: that thread is the only producer and never waits; a reader
// validates what it copied. Nothing here allocates, locks or calls Foundation.

#if AUDITED && canImport(Glibc)

public import AccessTerms
public import Synchronization

/// A single-producer ring whose oldest records are overwritten.
///
/// Protocol of a slot. The producer of record `i` stores words 1 to 3, then word 0 with the
/// sequence of `i`, then `head = i + 1`; every store is releasing (a plain store on x86-64), so
/// none moves above an earlier one. A reader loads the words, then `head`: the producer that could
/// be overwriting slot `i` is writing record `head`, so the copy is whole if
/// `i > head - capacity`. The sequence in word 0 shows a slot that was never written.
@usableFromInline
package struct AccessRing: ~Copyable {
  /// The index of the record to be written next; also the number of records ever written.
  @usableFromInline package let head = Atomic<UInt64>(0)
  @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>
  @usableFromInline let mask: UInt64

  /// The number of records of a ring that was asked to hold `capacity`: a power of two.
  package static func size(for capacity: Int) -> Int {
    var size = 16
    while size < capacity { size <<= 1 }
    return size
  }

  /// Makes a ring of `size` records, a power of two, in memory that is zero and outlives it. No
  /// page of it is touched: a slot that was never written lies at or above `head`, or below the
  /// first record that a reader may ask for.
  package init(memory: UnsafeMutableRawPointer, size: Int) {
    mask = UInt64(size - 1)
    words = memory.assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  package var capacity: UInt64 { mask + 1 }

  /// Where the record with that index lies, or will lie.
  package borrowing func address(of index: UInt64) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(words + Int(truncatingIfNeeded: (index & mask) &<< 2))
  }

  /// Appends a record. Only the owning thread may call this.
  @inlinable @inline(always)
  package borrowing func append(
    collectionID: UInt64, version: UInt64, stackID: UInt32, operation: AccessOperation, flags: UInt8, clock: UInt32,
    extra: UInt64 = 0
  ) {
    let index = head.load(ordering: .relaxed)
    let slot = words + Int(truncatingIfNeeded: (index & mask) &<< 2)
    (slot + 1).pointee.store(collectionID, ordering: .releasing)
    (slot + 2).pointee.store(version, ordering: .releasing)
    (slot + 3).pointee.store(
      UInt64(truncatingIfNeeded: stackID) | (UInt64(truncatingIfNeeded: clock) &<< 32), ordering: .releasing)
    slot.pointee.store(
      AccessRecord.header(sequence: index, operation: operation, flags: flags) | (extra &<< 48), ordering: .releasing)
    // Pairs with the acquiring loads of `head` in `record(at:)` and `RingDrain.drain`.
    head.store(index &+ 1, ordering: .releasing)
  }

  /// The record with the given index; `nil` when it was overwritten, is being overwritten, or was
  /// not yet written.
  package borrowing func record(at index: UInt64) -> AccessRecord? {
    let slot = words + Int(truncatingIfNeeded: (index & mask) &<< 2)
    let copy = (
      slot.pointee.load(ordering: .acquiring), (slot + 1).pointee.load(ordering: .acquiring),
      (slot + 2).pointee.load(ordering: .acquiring), (slot + 3).pointee.load(ordering: .acquiring)
    )
    let head = head.load(ordering: .acquiring)
    guard index < head, head < index + capacity else { return nil }
    return AccessRecord(words: copy, at: index)
  }

  /// The records still readable from `first` on, newest first.
  ///
  /// - Complexity: O(capacity).
  package borrowing func newestFirst(since first: UInt64, _ body: (AccessRecord) -> Bool) {
    let head = head.load(ordering: .acquiring)
    var oldest = first
    if head > capacity, head &- capacity &+ 1 > oldest { oldest = head &- capacity &+ 1 }
    var index = head
    while index > oldest {
      index &-= 1
      guard let record = record(at: index) else { continue }
      if !body(record) { return }
    }
  }
}

#endif
