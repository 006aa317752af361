// SPDX-License-Identifier: Apache-2.0
//
// Replaces one path by another in a stream of bytes that comes in pieces. Values only.

#if Scanner && canImport(Glibc)

/// The paths of a copy, as those of what it is a copy of.
package struct PathMap: Sendable {
  private let from: [UInt8]
  private let to: [UInt8]
  /// The beginning of what may become the path.
  private var held: [UInt8] = []

  package init(from: String, to: String) {
    self.from = Array(from.utf8)
    self.to = Array(to.utf8)
  }

  /// The next piece. What may be the beginning of the path waits for the piece after it.
  ///
  /// - Complexity: O(*n* · *m*) at worst, O(*n*) for text with few slashes.
  package mutating func map(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let text = held + bytes
    held = []
    guard let first = from.first else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      guard text[position] == first else {
        result.append(text[position])
        position += 1
        continue
      }
      let length = min(from.count, text.count - position)
      guard text[position..<(position + length)] == from[..<length] else {
        result.append(text[position])
        position += 1
        continue
      }
      guard length == from.count else {
        held = Array(text[position...])
        return result
      }
      result += to
      position += length
    }
    return result
  }

  /// What is left at the end of the stream.
  package mutating func finish() -> [UInt8] {
    defer { held = [] }
    return held
  }

  /// A whole text.
  package func map(_ text: String) -> String {
    var map = self
    return String(decoding: map.map(text.utf8) + map.finish(), as: UTF8.self)
  }
}

#endif
