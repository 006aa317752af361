// SPDX-License-Identifier: Apache-2.0
//
// What a thread's own ring says of a collection, asked by that thread in a signal handler: loads
// and `while` loops; nothing here allocates, locks or needs metadata, in unoptimised builds too.

#if AUDITED && canImport(Glibc)

internal import AccessTerms
internal import Synchronization

/// What a thread has recorded of one collection, and has not lost since.
package struct OwnHistory {
  /// The version that the newest record of the wanted kind bears.
  package var version: VersionWord
  /// Where that record stands in the ring.
  package var index: UInt64
  /// Whether this thread itself has dropped the collection's last reference after that.
  package var hasDestroyed: Bool
}

extension ThreadRecorder {
  /// Notes that an access, or the end of a collection, leaves no record: what the ring says of the
  /// time before is no longer all that this thread did. Only the owning thread calls this.
  package func noteUnrecorded() {
    // Read by the same thread alone.
    unrecordedUntil.store(ring.head.load(ordering: .relaxed), ordering: .relaxed)
  }

  /// What the ring says of the collection's newest access by this thread, read or write as wanted;
  /// `nil` when it says nothing: the record is overwritten, or there was none. Only the owning
  /// thread calls this.
  ///
  /// An access leaves its record before it is inside, so while a thread is inside an access the
  /// record found is that one's or a later one's: its version was the collection's at a time when
  /// this access had begun.
  package func ownHistory(of collectionID: UInt64, isWriting: Bool) -> OwnHistory? {
    let head = ring.head.load(ordering: .relaxed)
    var oldest = firstOwned.load(ordering: .relaxed)
    let unrecorded = unrecordedUntil.load(ordering: .relaxed)
    if unrecorded > oldest { oldest = unrecorded }
    if head > ring.capacity, head &- ring.capacity > oldest { oldest = head &- ring.capacity }
    var hasDestroyed = false
    var index = head
    while index > oldest {
      index &-= 1
      let slot = ring.words + Int(truncatingIfNeeded: (index & ring.mask) &<< 2)
      if (slot + 1).pointee.load(ordering: .relaxed) != collectionID { continue }
      let header = slot.pointee.load(ordering: .relaxed)
      let operation = UInt8(truncatingIfNeeded: header &>> 32)
      let flags = UInt8(truncatingIfNeeded: header &>> 40)
      if operation == AccessOperation.destroy.code {
        hasDestroyed = true
      } else if operation != AccessOperation.create.code,
        flags & ~AccessRecord.Flags.againCode == (isWriting ? AccessRecord.Flags.writingCode : 0)
      {
        let version = VersionWord(rawValue: (slot + 2).pointee.load(ordering: .relaxed))
        return OwnHistory(version: version, index: index, hasDestroyed: hasDestroyed)
      }
    }
    return nil
  }
}

#endif
