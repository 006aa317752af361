// SPDX-License-Identifier: Apache-2.0
//
// AuditedSet in a release build: Set, and the few further members of the audited type that programs
// use.

#if !(AUDITED && canImport(Glibc))

/// `Set` itself: auditing is compiled out of this build.
public typealias AuditedSet = Swift.Set

extension Set {
  /// Creates an empty set; the label is for audited builds.
  @inlinable @inline(always)
  public init(label: String) { self.init() }

  /// The set itself; the label is for audited builds.
  @inlinable @inline(always)
  public init(_ set: Set<Element>, label: String?) { self = set }

  /// The set itself.
  @inlinable @inline(always)
  public var set: Set<Element> { self }
}

#endif
