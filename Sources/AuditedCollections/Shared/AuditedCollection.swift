// SPDX-License-Identifier: Apache-2.0
//
// What the audited collections have in common: a monitor in one word, and a plain collection that
// the monitor guards.

#if AUDITED && canImport(Glibc)

public import AccessAudit

/// What ``AuditedDictionary``, ``AuditedSet`` and ``AuditedArray`` have in common.
///
/// Its extensions declare what the standard library declares in extensions of `Sequence` and
/// `Collection`, under the same constraints, so that overloads rank among each other as they do
/// for the plain collections. The types themselves declare the members that these protocols
/// require, and those that differ between the types. An audited array declares nearly all its
/// members itself: it is also a `RandomAccessCollection` and a `RangeReplaceableCollection`, and
/// a member that a program declares in an extension of these would be ambiguous with one of this
/// protocol.
///
/// In a release build without the package trait `AuditInRelease` there is no such protocol: write
/// generic code over `Sequence` and `Collection`, and declare no conformance to it.
public protocol AuditedCollection: Collection
where Element == Plain.Element, Index == Plain.Index, SubSequence == Plain.SubSequence, Iterator == Plain.Iterator {
  /// The collection that takes the audited one's place in a release build.
  associatedtype Plain: Collection
}

extension AuditedCollection {
  /// Runs `body` on the elements inside one read. The members that call it are inlined too: an
  /// unoptimised build knows the types in the caller, and looks up no witness table.
  @inlinable @inline(always)
  package func readPlain<Result, Failure: Error>(
    _ operation: AccessOperation, _ body: (borrowing Plain) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let window = ReadWindow(unsafeBitCast(self, to: UnsafeMutableRawPointer.self), operation)
    defer {
      window.close(operation)
      _fixLifetime(self)
    }
    return try body(window.storage(as: Plain.self).pointee)
  }
}

#endif
