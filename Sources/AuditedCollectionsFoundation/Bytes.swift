// SPDX-License-Identifier: Apache-2.0
//
// Audited arrays of bytes where Foundation asks for bytes. In a release build they are plain arrays, which are so anyway.

@_exported public import AuditedCollections

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

#if DEBUG || AuditInRelease

  extension AuditedArray: ContiguousBytes where Element == UInt8 {}

  extension AuditedArray: DataProtocol where Element == UInt8 {
    /// All bytes, in one piece: a snapshot.
    ///
    /// - Complexity: O(1).
    public var regions: CollectionOfOne<[UInt8]> { CollectionOfOne(array) }
  }

  extension AuditedArray: MutableDataProtocol where Element == UInt8 {}

#endif
