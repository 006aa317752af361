// SPDX-License-Identifier: Apache-2.0
//
// The elements' memory: for a closure, in one access that lasts as long as the closure, and as
// spans.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray {
  /// Calls `body` with the elements' memory, inside one read.
  ///
  /// - Throws: the error of `body`.
  /// - Complexity: O(1) beside `body`.
  @inlinable
  public func withUnsafeBufferPointer<R, E: Error>(
    _ body: (UnsafeBufferPointer<Element>) throws(E) -> R
  ) throws(E) -> R {
    try read(.withUnsafeBufferPointer) { plain throws(E) in try plain.withUnsafeBufferPointer(body) }
  }

  /// Calls `body` with the elements' memory, inside one write.
  ///
  /// - Throws: the error of `body`.
  /// - Complexity: O(1) beside `body`; O(n) while the elements are shared with a copy.
  @inlinable
  public mutating func withUnsafeMutableBufferPointer<R, E: Error>(
    _ body: (inout UnsafeMutableBufferPointer<Element>) throws(E) -> R
  ) throws(E) -> R {
    try write(.withUnsafeMutableBufferPointer) { plain throws(E) in try plain.withUnsafeMutableBufferPointer(body) }
  }

  /// Calls `body` with the elements' bytes, inside one read.
  ///
  /// - Throws: the error of `body`.
  /// - Complexity: O(1) beside `body`.
  @inlinable
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try read(.withUnsafeBytes) { plain throws in try plain.withUnsafeBytes(body) }
  }

  /// Calls `body` with the elements' bytes, inside one write.
  ///
  /// - Throws: the error of `body`.
  /// - Complexity: O(1) beside `body`; O(n) while the elements are shared with a copy.
  @inlinable
  public mutating func withUnsafeMutableBytes<R>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> R
  ) rethrows -> R {
    try write(.withUnsafeMutableBytes) { plain throws in try plain.withUnsafeMutableBytes(body) }
  }

  /// Calls `body` with the elements' memory, inside one write.
  ///
  /// - Throws: the error of `body`.
  /// - Complexity: O(1) beside `body`; O(n) while the elements are shared with a copy.
  @inlinable
  public mutating func withContiguousMutableStorageIfAvailable<R>(
    _ body: (inout UnsafeMutableBufferPointer<Element>) throws -> R
  ) rethrows -> R? {
    try write(.withContiguousMutableStorageIfAvailable) { plain throws in
      try plain.withContiguousMutableStorageIfAvailable(body)
    }
  }

  /// The elements' memory, for safe reading. The read lasts until the last use of the span.
  ///
  /// - Complexity: O(1).
  @inlinable
  public var span: Span<Element> {
    @_lifetime(borrow self) _read {
      let window = ReadWindow(moving: monitorAddress, .span)
      defer {
        window.close(.span)
        _fixLifetime(self)
      }
      yield window.storage(as: Storage.self).pointee.span
    }
  }

  /// The elements' memory, for safe mutation. Only the call of this property is audited: a span
  /// that can be passed on does not show the end of its use.
  ///
  /// - Complexity: O(1); O(n) while the elements are shared with a copy.
  @inlinable
  public var mutableSpan: MutableSpan<Element> {
    @_lifetime(&self)
    mutating get {
      let window = WriteWindow(&monitor, .mutableSpan)
      defer { window.close() }
      return _overrideLifetime(window.storage(as: Storage.self).pointee.mutableSpan, mutating: &self)
    }
  }
}

#endif
