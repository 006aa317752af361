// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a file in pieces, and what stands in a block. Nothing here trusts a length.

#if REPORTS && canImport(Glibc)

internal import AccessTerms
internal import Foundation

/// A file that is read from the start to the end.
struct TrafficInput {
  private let file: FileHandle
  private var buffer: [UInt8] = []
  private var position = 0
  /// Bytes that were taken.
  private(set) var offset: UInt64 = 0
  private static let pieceSize = 1 << 20

  init(_ file: FileHandle) { self.file = file }

  /// The next bytes; `nil` when there are fewer. With `toleratingEnd` what there is, and `nil` at
  /// the end of the file.
  mutating func take(_ count: Int, toleratingEnd: Bool = false) -> [UInt8]? {
    fill(count)
    let available = min(count, buffer.count - position)
    if available < count && (!toleratingEnd || available == 0) { return nil }
    defer { advance(available) }
    return Array(buffer[position..<position + available])
  }

  private mutating func advance(_ count: Int) {
    position += count
    offset += UInt64(count)
  }

  private mutating func fill(_ count: Int) {
    while buffer.count - position < count {
      guard let piece = try? file.read(upToCount: max(Self.pieceSize, count)), !piece.isEmpty else { return }
      buffer.removeFirst(position)
      position = 0
      buffer += piece
    }
  }

  /// Passes over bytes up to the next start of a block, beginning behind the first byte of `start`,
  /// which were taken; returns how many.
  mutating func skipToBlock(from start: [UInt8]) -> UInt64 {
    position -= start.count
    offset -= UInt64(start.count)
    let begin = offset
    advance(1)
    let magic = withUnsafeBytes(of: TrafficFormat.blockMagic.littleEndian) { Array($0) }
    while true {
      fill(4)
      if buffer.count - position < 4 {
        advance(buffer.count - position)
        return offset - begin
      }
      if buffer[position] == magic[0], Array(buffer[position..<position + 4]) == magic { return offset - begin }
      advance(1)
    }
  }
}

/// Reads the payload of a block. After a failure everything is 0.
struct TrafficCursor {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private(set) var hasFailed = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func byte() -> UInt8 {
    guard position < bytes.count else {
      hasFailed = true
      return 0
    }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func number() -> UInt64 {
    var (number, shift): (UInt64, UInt64) = (0, 0)
    while shift < 64 {
      let byte = byte()
      if hasFailed { return 0 }
      number |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return number }
      shift += 7
    }
    hasFailed = true
    return 0
  }

  mutating func fourBytes() -> UInt32 {
    guard bytes.count - position >= 4 else {
      hasFailed = true
      return 0
    }
    defer { position += 4 }
    return UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
  }

  mutating func text() -> String {
    let count = number()
    guard !hasFailed, count <= UInt64(bytes.count - position) else {
      hasFailed = true
      return ""
    }
    defer { position += Int(count) }
    return String(decoding: bytes[position..<position + Int(count)], as: UTF8.self)
  }
}

#endif
