// SPDX-License-Identifier: Apache-2.0
//
// Rejects texts whose nesting takes the parser exponential time: it looks ahead through nested
// brackets again at each level, so 50 open square brackets take minutes. Reads bytes only; nothing
// is parsed here.

#if Scanner

/// Limits on nesting that is outside of string literals and comments.
enum NestingLimit {
  /// Square brackets: the parser's work doubles with each level. Real programs stay far below.
  static let squareBrackets = 16
  /// All brackets together; the parser's own limit.
  static let brackets = 256

  /// True when the text nests more deeply than the limits.
  ///
  /// - Complexity: O(*n*).
  static func isExceeded(by source: SourceText) -> Bool {
    var square = 0
    var all = 0
    var inString = false
    var inComment = false
    var previous: UInt8 = 0
    for byte in source.text.utf8 {
      defer { previous = previous == UInt8(ascii: "\\") && byte == previous ? 0 : byte }
      if byte == 0x0A {
        // Literals over several lines are counted as code: their brackets are almost always
        // closed.
        inString = false
        inComment = false
        continue
      }
      if inComment { continue }
      if inString {
        if byte == UInt8(ascii: "\""), previous != UInt8(ascii: "\\") { inString = false }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "/"): inComment = previous == byte
      case UInt8(ascii: "["):
        square += 1
        all += 1
      case UInt8(ascii: "("), UInt8(ascii: "{"): all += 1
      case UInt8(ascii: "]"):
        square = max(0, square - 1)
        all = max(0, all - 1)
      case UInt8(ascii: ")"), UInt8(ascii: "}"): all = max(0, all - 1)
      default: break
      }
      if square > squareBrackets || all > brackets { return true }
    }
    return false
  }
}

#endif
