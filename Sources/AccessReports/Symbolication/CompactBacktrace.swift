// SPDX-License-Identifier: Apache-2.0
//
// The public way to make a Backtrace of given addresses: it is Decodable, from its compact form in
// base64. A decoder for that one value; it allocates little and fails softly.

#if REPORTS && canImport(Glibc)

internal import AccessTerms
internal import Runtime

enum CompactBacktrace {
  /// A backtrace of these return addresses and marked resume points; `nil` when this toolchain's
  /// form is another one.
  static func backtrace(of addresses: [UInt64]) -> Backtrace? {
    try? Backtrace(
      from: Decoding(values: ["architecture": architecture, "backtrace": base64(compact(addresses))]))
  }

  private static var architecture: String {
    #if arch(x86_64)
    "x86_64"
    #elseif arch(arm64)
    "arm64"
    #else
    "unknown"
    #endif
  }

  /// The size of a word (0x02: 64 bits), each address (0x2f a return address, 0x3f a resume point,
  /// and eight big-endian bytes), the end (0x00).
  static func compact(_ addresses: [UInt64]) -> [UInt8] {
    var bytes: [UInt8] = [0x02]
    for address in addresses {
      bytes.append(ResumePoint.isMarked(address) ? 0x3F : 0x2F)
      withUnsafeBytes(of: (address & ~ResumePoint.mark).bigEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(0x00)
    return bytes
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let chunk = bytes[start..<min(start + 3, bytes.count)]
      let word = chunk.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (16 - 8 * UInt32($1.offset)) }
      for position in 0..<4 {
        let isPadding = position > chunk.count
        text.append(isPadding ? UInt8(ascii: "=") : alphabet[Int(word >> (18 - 6 * UInt32(position))) & 63])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// A decoder whose only content is a keyed container of strings.
private struct Decoding: Decoder {
  var values: [String: String]
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Keyed<Key>(values: values))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unsupported() }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unsupported() }

  struct Unsupported: Error {}

  private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    var values: [String: String]
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { values.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { values[key.stringValue] == nil }
    func decode(_ type: String.Type, forKey key: Key) throws -> String {
      guard let value = values[key.stringValue] else { throw Unsupported() }
      return value
    }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
      guard let value = values[key.stringValue] as? T else { throw Unsupported() }
      return value
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw Unsupported() }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw Unsupported() }
    func superDecoder() throws -> any Decoder { throw Unsupported() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Unsupported() }
  }
}

#endif
