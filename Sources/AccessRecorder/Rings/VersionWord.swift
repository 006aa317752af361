// SPDX-License-Identifier: Apache-2.0
//
// A monitor's version: whether a write is in progress, whose it is, and how often the collection
// was written. Code here only packs and unpacks words.

#if AUDITED && canImport(Glibc)

/// A monitor's version: odd while a write is in progress, even between writes.
///
///     bit 63 … 48   slot of the thread that wrote last, or is writing
///     bit 47 … 1    number of writes
///     bit 0         1 while a write is in progress
///
/// All bits set: the monitor is retired, its collection destroyed. Slot 0 is no thread's.
@frozen @usableFromInline
package struct VersionWord: Equatable, Sendable {
  @usableFromInline package let rawValue: UInt64

  @inlinable @inline(always)
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let slotShift: UInt64 = 48
  package static let counterMask: UInt64 = 0x0000_FFFF_FFFF_FFFF
  package static var retired: VersionWord { VersionWord(rawValue: .max) }

  package var isWriting: Bool { rawValue & 1 != 0 }
  package var isRetired: Bool { rawValue == .max }
  /// Another thread may be inside a write: odd, and not for good.
  package var isInProgress: Bool { isWriting && !isRetired }
  package var slot: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 48) }
  package var counter: UInt64 { rawValue & VersionWord.counterMask }

  /// The version of the write that a thread begins on top of an even one.
  @inlinable @inline(always)
  package static func beginning(_ rawValue: UInt64, slotBits: UInt64) -> UInt64 {
    (rawValue & 0x0000_FFFF_FFFF_FFFE) | slotBits | 1
  }

  /// The version after the write that this odd one stands for. The mask keeps the counter's
  /// overflow, once in 2^47 writes, from reaching the slot.
  @inlinable @inline(always)
  package static func ending(_ rawValue: UInt64) -> UInt64 {
    (rawValue & 0xFFFF_0000_0000_0000) | ((rawValue &+ 1) & 0x0000_FFFF_FFFF_FFFF)
  }
}

#endif
