// SPDX-License-Identifier: Apache-2.0
//
// The words and numbers of a file of recorded traffic, which one program writes and another reads.
// The page "From traffic to a decision" describes the format. No state.

#if REPORTS && canImport(Glibc)

package enum TrafficFormat {
  /// The first eight bytes of a file.
  package static var magic: [UInt8] { Array("ATRAFFIC".utf8) }
  /// Grows when a reader of an earlier version would misread a file.
  package static let version: UInt32 = 1
  /// Magic, version, four zeros, wall-clock time, monotonic time.
  package static let headerSize = 32
  /// The first four bytes of a block: "ABLK", as a little-endian number.
  package static let blockMagic: UInt32 = 0x4B4C_4241
  /// Magic, kind and three zeros, sequence, length of the payload, checksum.
  package static let blockHeaderSize = 24
  /// No writer makes longer payloads.
  package static let payloadLimit = 1 << 26

  package enum Block: UInt8 {
    /// Strings: executable, host, service; a number: the process's ID.
    case process = 1
    /// A number, the count; for each its ID, kind, label, type and declaration.
    case collections = 2
    /// A number, the count; for each its ID and its text.
    case sites = 3
    /// A number, the count; for each an access.
    case accesses = 4
    /// A number: accesses that were to be recorded and could not be.
    case losses = 5
    /// The recording ended with the process; there may be later blocks all the same.
    case end = 6
  }

  /// The first byte of an access.
  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static var writing: Flags { Flags(rawValue: 1) }
    package static var hasKey: Flags { Flags(rawValue: 2) }
    package static var hasCount: Flags { Flags(rawValue: 4) }
    package static var grew: Flags { Flags(rawValue: 8) }
    package static var shrank: Flags { Flags(rawValue: 16) }
    package static var hasTask: Flags { Flags(rawValue: 32) }
    /// The collection, or the thread, is that of the access before.
    package static var sameCollection: Flags { Flags(rawValue: 64) }
    package static var sameThread: Flags { Flags(rawValue: 128) }
  }

  /// The checksum of a block: words of eight bytes, little-endian, the last one filled with zeros.
  ///
  /// - Complexity: O(n).
  package static func checksum(kind: UInt8, sequence: UInt32, _ payload: UnsafeRawBufferPointer) -> UInt64 {
    var sum: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ word: UInt64) {
      sum = (sum ^ word) &* 0x9E37_79B9_7F4A_7C15
      sum ^= sum >> 32
    }
    add(UInt64(kind) | UInt64(sequence) << 8)
    add(UInt64(payload.count))
    var offset = 0
    while offset + 8 <= payload.count {
      add(UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    if offset < payload.count {
      var word: UInt64 = 0
      for index in offset..<payload.count { word |= UInt64(payload[index]) << UInt64(8 * (index - offset)) }
      add(word)
    }
    return sum
  }
}

/// Writes numbers and texts as a file of traffic has them.
package struct TrafficBytes {
  package var bytes: [UInt8] = []
  package init() {}

  /// Seven bits in a byte, the lowest first; the eighth says that more follow.
  package mutating func append(number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The number of bytes, then UTF-8.
  package mutating func append(text: String) {
    let text = Array(text.utf8.prefix(65_536))
    append(number: UInt64(text.count))
    bytes += text
  }

  package mutating func append<Word: FixedWidthInteger>(word: Word) {
    withUnsafeBytes(of: word.littleEndian) { bytes += $0 }
  }

  /// A block with this payload.
  package static func block(_ kind: TrafficFormat.Block, sequence: UInt32, _ payload: [UInt8]) -> [UInt8] {
    var block = TrafficBytes()
    block.append(word: TrafficFormat.blockMagic)
    block.append(word: UInt32(kind.rawValue))
    block.append(word: sequence)
    block.append(word: UInt32(payload.count))
    block.append(
      word: payload.withUnsafeBytes { TrafficFormat.checksum(kind: kind.rawValue, sequence: sequence, $0) })
    return block.bytes + payload
  }

  /// The start of a file.
  package static func header(wallNanoseconds: UInt64, monotonicNanoseconds: UInt64) -> [UInt8] {
    var header = TrafficBytes()
    header.bytes = TrafficFormat.magic
    header.append(word: TrafficFormat.version)
    header.append(word: UInt32(0))
    header.append(word: wallNanoseconds)
    header.append(word: monotonicNanoseconds)
    return header.bytes
  }
}

#endif
