// SPDX-License-Identifier: Apache-2.0
//
// A monitor's writer word: who is mutating which variable. Code here only packs and unpacks words.

#if AUDITED && canImport(Glibc)

internal import AccessRecorder

/// The address of the variable that is being mutated and the slot of the thread that does it; 0
/// while nobody does.
///
///     bit 63 … 48   slot of the owning thread
///     bit 47 … 0    address of the variable (user-space addresses have 47 bits on x86-64 and 48 on arm64 Linux, unless a
///                   program asks for more; a tag above them, which arm64 ignores, is left out: see audit_address.h)
@frozen @usableFromInline
package struct WriterWord: Equatable, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  @inlinable @inline(always)
  package static func pack(_ variable: UnsafeMutableRawPointer, slotBits: UInt64) -> UInt64 {
    #if arch(x86_64)
    UInt64(truncatingIfNeeded: UInt(bitPattern: variable)) | slotBits
    #else
    UInt64(truncatingIfNeeded: UInt(bitPattern: variable)) & 0x0000_FFFF_FFFF_FFFF | slotBits
    #endif
  }

  package var slot: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 48) }
  package var address: UInt64 { rawValue & VersionWord.counterMask }
  package var variable: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(address)) }
}

#endif
