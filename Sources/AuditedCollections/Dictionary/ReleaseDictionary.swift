// SPDX-License-Identifier: Apache-2.0
//
// AuditedDictionary in a release build: Dictionary, and the few further members of the audited type
// that programs use.

#if !(AUDITED && canImport(Glibc))

/// `Dictionary` itself: auditing is compiled out of this build.
public typealias AuditedDictionary = Swift.Dictionary

extension Dictionary {
  /// Creates an empty dictionary; the label is for audited builds.
  @inlinable @inline(always)
  public init(label: String) { self.init() }

  /// The dictionary itself; the label is for audited builds.
  @inlinable @inline(always)
  public init(_ dictionary: [Key: Value], label: String?) { self = dictionary }

  /// The dictionary itself.
  @inlinable @inline(always)
  public init(_ dictionary: [Key: Value]) { self = dictionary }

  /// The dictionary itself.
  @inlinable @inline(always)
  public var dictionary: [Key: Value] { self }
}

#endif
