// SPDX-License-Identifier: Apache-2.0
//
// The conformances of audited arrays of bytes to Foundation's protocols. In a release build the
// arrays are plain and conform already.

@_exported public import AuditedCollections

#if AUDITED && canImport(Glibc)

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension AuditedArray: ContiguousBytes where Element == UInt8 {}

extension AuditedArray: DataProtocol where Element == UInt8 {
  /// All bytes, in one piece: a snapshot.
  ///
  /// - Complexity: O(1).
  public var regions: CollectionOfOne<[UInt8]> { CollectionOfOne(array) }
}

extension AuditedArray: MutableDataProtocol where Element == UInt8 {}

#endif
