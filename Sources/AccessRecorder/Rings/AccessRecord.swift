// SPDX-License-Identifier: Apache-2.0
//
// The record of one access, as it lies in a ring: 32 bytes in four words. Code here only packs and
// unpacks words.

#if AUDITED && canImport(Glibc)

public import AccessTerms

/// One access to one collection by one thread.
///
/// Layout of the four 64-bit words in a ring:
///
///     0  sequence, low 32 bits | operation << 32 | flags << 40 | label ID << 48 (of a creation; otherwise 0)
///     1  collection ID
///     2  version of the monitor: the odd one of the write, or the one the read began with; of a creation: the
///        monitor's address
///     3  stack ID, 32 bits | coarse time in milliseconds << 32
@usableFromInline
package struct AccessRecord: Sendable, Equatable {
  /// The bytes a record takes in a ring.
  package static let size = 32

  @usableFromInline
  package struct Flags: OptionSet, Sendable {
    @usableFromInline package let rawValue: UInt8
    @usableFromInline package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The access mutates the collection.
    package static var writing: Flags { Flags(rawValue: 1) }
    /// The flags as accesses store them: an unoptimised build makes a set of options by code that
    /// is not theirs.
    @inlinable
    package static var writingCode: UInt8 {
      @inline(always) get { 1 }
    }
    package static var attemptCode: UInt8 { 2 }
    package static var againCode: UInt8 { 4 }
    /// The access was stopped by a violation before it began: it opened no window of its own.
    package static var attempt: Flags { Flags(rawValue: 2) }
    /// The access has left another record, which counts: of an attempt before its window, or under
    /// another monitor's ID.
    package static var again: Flags { Flags(rawValue: 4) }
  }

  package var sequence: UInt64
  package var collectionID: UInt64
  package var version: VersionWord
  package var stackID: UInt32
  package var operation: AccessOperation
  package var flags: Flags
  package var coarseMilliseconds: UInt32
  package var labelID: UInt16 = 0

  package var isWriting: Bool { flags.rawValue & Flags.writingCode != 0 }
  /// Whether another record of the same access counts.
  package var isAgain: Bool { flags.rawValue & Flags.againCode != 0 }

  /// The word that a record with these parts has at its start; everything but the sequence is known
  /// at compile time.
  @inlinable @inline(always)
  package static func header(sequence: UInt64, operation: AccessOperation, flags: UInt8) -> UInt64 {
    (sequence & 0xFFFF_FFFF) | (UInt64(truncatingIfNeeded: operation.code) &<< 32)
      | (UInt64(truncatingIfNeeded: flags) &<< 40)
  }

  /// Whether a record that starts with this word is of an access: not of a collection's creation or
  /// destruction.
  package static func isAccess(header: UInt64) -> Bool {
    let code = UInt8(truncatingIfNeeded: header >> 32)
    return code != AccessOperation.create.code && code != AccessOperation.destroy.code
  }

  /// Unpacks four words read from the ring at `index`; `nil` when they are not the record of that
  /// index.
  package init?(words: (UInt64, UInt64, UInt64, UInt64), at index: UInt64) {
    guard words.0 & 0xFFFF_FFFF == index & 0xFFFF_FFFF,
      let operation = AccessOperation(code: UInt8(truncatingIfNeeded: words.0 >> 32))
    else { return nil }
    self.sequence = index
    self.operation = operation
    self.flags = Flags(rawValue: UInt8(truncatingIfNeeded: words.0 >> 40))
    self.labelID = UInt16(truncatingIfNeeded: words.0 >> 48)
    self.collectionID = words.1
    self.version = VersionWord(rawValue: words.2)
    self.stackID = UInt32(truncatingIfNeeded: words.3)
    self.coarseMilliseconds = UInt32(truncatingIfNeeded: words.3 >> 32)
  }

  package init(
    sequence: UInt64, collectionID: UInt64, version: VersionWord, stackID: UInt32, operation: AccessOperation,
    flags: Flags, coarseMilliseconds: UInt32
  ) {
    self.sequence = sequence
    self.collectionID = collectionID
    self.version = version
    self.stackID = stackID
    self.operation = operation
    self.flags = flags
    self.coarseMilliseconds = coarseMilliseconds
  }
}

#endif
