// SPDX-License-Identifier: Apache-2.0
//
// Equality, hashing, coding, descriptions: the same as Array's. Each reads the elements inside a
// window.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedArray: Equatable where Element: Equatable {
  /// Whether both have equal elements in the same order. Both are read, one after the other.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: AuditedArray, right: AuditedArray) -> Bool {
    let other = right.read(.equals) { copy $0 }
    return left.read(.equals) { $0 == other }
  }

  /// Whether both have equal elements in the same order.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: AuditedArray, right: [Element]) -> Bool { left.read(.equals) { $0 == right } }

  /// Whether both have equal elements in the same order.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: [Element], right: AuditedArray) -> Bool { right.read(.equals) { left == $0 } }

  /// Whether they differ in an element.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func != (left: AuditedArray, right: [Element]) -> Bool { !(left == right) }

  /// Whether they differ in an element.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func != (left: [Element], right: AuditedArray) -> Bool { !(left == right) }
}

extension AuditedArray: Hashable where Element: Hashable {
  /// Feeds the elements to `hasher`, as Array does.
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

extension AuditedArray: Encodable where Element: Encodable {
  /// Encodes as Array does.
  ///
  /// - Throws: the error of the encoder.
  /// - Complexity: O(n).
  @inlinable
  public func encode(to encoder: any Encoder) throws {
    try read(.encode) { plain throws in try plain.encode(to: encoder) }
  }
}

extension AuditedArray: Decodable where Element: Decodable {
  /// Decodes as Array does.
  ///
  /// - Throws: the error of the decoder.
  /// - Complexity: O(n).
  @inlinable
  public init(from decoder: any Decoder) throws {
    self.init(wrapping: try Array(from: decoder))
  }
}

extension AuditedArray: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The same as Array's.
  ///
  /// - Complexity: O(n).
  public var description: String { read(.description) { $0.description } }

  /// The same as Array's.
  ///
  /// - Complexity: O(n).
  public var debugDescription: String { read(.debugDescription) { $0.debugDescription } }

  /// The same as Array's: the elements as children.
  ///
  /// - Complexity: O(n) where the children are visited.
  public var customMirror: Mirror { read(.customMirror) { $0.customMirror } }
}

#endif
