// SPDX-License-Identifier: Apache-2.0
//
// Equality, hashing, coding, descriptions: the same as Set's. Each reads the elements inside a
// window.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedSet: Hashable {
  /// Whether both have equal members. Both are read, one after the other.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: AuditedSet, right: AuditedSet) -> Bool {
    let other = right.read(.equals) { copy $0 }
    return left.read(.equals) { $0 == other }
  }

  /// Whether both have equal members.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: AuditedSet, right: Set<Element>) -> Bool { left.read(.equals) { $0 == right } }

  /// Whether both have equal members.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: Set<Element>, right: AuditedSet) -> Bool { right.read(.equals) { left == $0 } }

  /// Whether they differ in a member.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func != (left: AuditedSet, right: Set<Element>) -> Bool { !(left == right) }

  /// Whether they differ in a member.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func != (left: Set<Element>, right: AuditedSet) -> Bool { !(left == right) }

  /// Feeds the members to `hasher`, as Set does.
  ///
  /// - Complexity: O(n).
  @inlinable
  public func hash(into hasher: inout Hasher) {
    let window = ReadWindow(monitorAddress, .hash)
    defer {
      window.close(.hash)
      _fixLifetime(self)
    }
    window.storage(as: Storage.self).pointee.hash(into: &hasher)
  }
}

extension AuditedSet: Encodable where Element: Encodable {
  /// Encodes as Set does.
  ///
  /// - Throws: the error of the encoder.
  /// - Complexity: O(n).
  @inlinable
  public func encode(to encoder: any Encoder) throws {
    try read(.encode) { plain throws in try plain.encode(to: encoder) }
  }
}

extension AuditedSet: Decodable where Element: Decodable {
  /// Decodes as Set does.
  ///
  /// - Throws: the error of the decoder.
  /// - Complexity: O(n).
  @inlinable
  public init(from decoder: any Decoder) throws {
    self.init(wrapping: try Set(from: decoder))
  }
}

extension AuditedSet: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The same as Set's.
  ///
  /// - Complexity: O(n).
  public var description: String { read(.description) { $0.description } }

  /// The same as Set's.
  ///
  /// - Complexity: O(n).
  public var debugDescription: String { read(.debugDescription) { $0.debugDescription } }

  /// The same as Set's: the members as children.
  ///
  /// - Complexity: O(n) where the children are visited.
  public var customMirror: Mirror { read(.customMirror) { $0.customMirror } }
}

#endif
