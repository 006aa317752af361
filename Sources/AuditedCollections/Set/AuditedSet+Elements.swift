// SPDX-License-Identifier: Apache-2.0
//
// Reads that pick or order members, each one access. Views hold a snapshot.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet {
  /// Calls `body` with the members' memory, where they lie in one piece; `nil` otherwise.
  ///
  /// - Throws: the error of `body`.
  @inlinable
  public func withContiguousStorageIfAvailable<R>(
    _ body: (UnsafeBufferPointer<Element>) throws -> R
  ) rethrows -> R? {
    try read(.withContiguousStorageIfAvailable) { plain throws in try plain.withContiguousStorageIfAvailable(body) }
  }

  /// The members for `Array(_:)` and similar conversions: one read, where the default would make
  /// several.
  ///
  /// - Complexity: O(n).
  @_implements(Sequence,_copyToContiguousArray())
  @inlinable
  public func contiguousElements() -> ContiguousArray<Element> {
    read(.contiguousElements) { ContiguousArray(copy $0) }
  }

  /// What `Array.append(contentsOf:)` and its like take the elements by: one read, where the
  /// default would make several.
  ///
  /// - Complexity: O(n).
  @_implements(Sequence,_copyContents(initializing:))
  @inlinable
  public func copyElements(
    initializing buffer: UnsafeMutableBufferPointer<Element>
  ) -> (Iterator, UnsafeMutableBufferPointer<Element>.Index) {
    read(.contiguousElements) { $0._copyContents(initializing: buffer) }
  }
}

#endif
