// SPDX-License-Identifier: Apache-2.0
//
// What AuditedArray is in a release build: Array, and the few members that a program written against the audited type uses
// beside Array's.

#if !(DEBUG || AuditInRelease)

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
