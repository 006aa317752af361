// SPDX-License-Identifier: Apache-2.0
//
// What the audited collections have in common: a monitor in one word, and a plain collection that the monitor guards.

#if DEBUG || AuditInRelease

  public import AccessAudit

  /// What ``AuditedDictionary``, ``AuditedSet`` and ``AuditedArray`` have in common.
  ///
  /// Its extensions declare members that the standard library declares in extensions of `Sequence`, under the same
  /// constraints, so that overloads rank among each other as they do for the plain collections. In a release build without
  /// the package trait `AuditInRelease` there is no such protocol: write generic code over `Sequence` and `Collection`. Other
  /// types cannot conform to it.
  public protocol AuditedCollection: Collection where Element == Plain.Element {
    /// The collection that takes the audited one's place in a release build.
    associatedtype Plain: Collection
  }

  extension AuditedCollection {
    /// Runs `body` on the elements inside one read. Inlined, so that an unoptimised build knows the type of `self`.
    @inlinable @inline(always)
    package func readPlain<Result, Failure: Error>(
      _ operation: AccessOperation, _ body: (borrowing Plain) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      let window = ReadWindow(unsafeBitCast(self, to: UnsafeMutableRawPointer.self), operation)
      defer { window.close(operation) }
      return try body(window.storage(as: Plain.self).pointee)
    }
  }

#endif
