// SPDX-License-Identifier: Apache-2.0
//
// Equality, hashing, coding, descriptions: the same as Dictionary's. Each reads the elements inside
// a window.

#if AUDITED && canImport(Glibc)

public import AccessAudit

extension AuditedDictionary: Equatable where Value: Equatable {
  /// Whether both have the same keys with equal values. Both are read, one after the other.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: AuditedDictionary, right: AuditedDictionary) -> Bool {
    let other = right.read(.equals) { copy $0 }
    return left.read(.equals) { $0 == other }
  }

  /// Whether both have the same keys with equal values.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: AuditedDictionary, right: [Key: Value]) -> Bool { left.read(.equals) { $0 == right } }

  /// Whether both have the same keys with equal values.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func == (left: [Key: Value], right: AuditedDictionary) -> Bool { right.read(.equals) { left == $0 } }

  /// Whether they differ in a key or a value.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func != (left: AuditedDictionary, right: [Key: Value]) -> Bool { !(left == right) }

  /// Whether they differ in a key or a value.
  ///
  /// - Complexity: O(n); O(1) where both share their elements.
  @inlinable
  public static func != (left: [Key: Value], right: AuditedDictionary) -> Bool { !(left == right) }
}

extension AuditedDictionary: Hashable where Value: Hashable {
  /// Feeds the pairs to `hasher`, as Dictionary does.
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

extension AuditedDictionary: Encodable where Key: Encodable, Value: Encodable {
  /// Encodes as Dictionary does: String, Int and `CodingKeyRepresentable` keys make a keyed
  /// container.
  ///
  /// - Throws: the error of the encoder.
  /// - Complexity: O(n).
  @inlinable
  public func encode(to encoder: any Encoder) throws {
    // Encoded as a value, so that the encoder sees the plain dictionary. JSONEncoder, for
    // example, does not apply its key strategy to the keys of `[String: T]`.
    var container = encoder.singleValueContainer()
    try read(.encode) { storage throws in try container.encode(copy storage) }
  }
}

extension AuditedDictionary: Decodable where Key: Decodable, Value: Decodable {
  /// Decodes as Dictionary does.
  ///
  /// - Throws: the error of the decoder.
  /// - Complexity: O(n).
  @inlinable
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Key: Value].self))
  }
}

extension AuditedDictionary: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The same as Dictionary's.
  public var description: String { read(.description) { $0.description } }

  /// The same as Dictionary's.
  public var debugDescription: String { read(.debugDescription) { $0.debugDescription } }

  /// The same as Dictionary's: the pairs as children.
  public var customMirror: Mirror { read(.customMirror) { $0.customMirror } }
}

#endif
