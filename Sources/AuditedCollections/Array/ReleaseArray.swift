// SPDX-License-Identifier: Apache-2.0
//
// AuditedArray in a release build: Array, and the few further members of the audited type that
// programs use.

#if !(AUDITED && canImport(Glibc))

/// `Array` itself: auditing is compiled out of this build.
public typealias AuditedArray = Swift.Array

extension Array {
  /// Creates an empty array; the label is for audited builds.
  @inlinable @inline(always)
  public init(label: String) { self.init() }

  /// The array itself; the label is for audited builds.
  @inlinable @inline(always)
  public init(_ array: [Element], label: String?) { self = array }

  /// The array itself.
  @inlinable @inline(always)
  public var array: [Element] { self }
}

#endif
