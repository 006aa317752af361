// SPDX-License-Identifier: Apache-2.0
//
// One source file as text: its path and the starts of its lines. Nothing here parses or reads the
// disk.

#if Scanner

/// The text of one source file and the table that turns offsets into lines and columns.
public struct SourceText: Sendable {
  /// The path that findings show, with forward slashes, relative to the root of the scan.
  public let path: String

  /// The whole text.
  public let text: String

  /// Offsets, in UTF-8 bytes, at which lines start.
  let lineStarts: [Int]

  /// Makes the text of the file at `path`.
  ///
  /// - Complexity: O(*n*) in the length of the text.
  public init(path: String, text: String) {
    self.path = path
    var text = text
    text.makeContiguousUTF8()
    self.text = text
    var starts = [0]
    var offset = 0
    for byte in text.utf8 {
      offset += 1
      if byte == 0x0A { starts.append(offset) }
    }
    lineStarts = starts
  }

  /// The number of lines; a last line without a line feed counts.
  public var lineCount: Int { lineStarts.last == text.utf8.count ? lineStarts.count - 1 : lineStarts.count }

  /// The line and column, both from 1, of a UTF-8 offset. The column counts UTF-8 bytes.
  ///
  /// - Complexity: O(log *n*) in the number of lines.
  func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return (low + 1, offset - lineStarts[low] + 1)
  }

  /// The text of a line, from 1, without its line ending; empty when there is no such line.
  public func line(_ number: Int) -> String {
    guard number >= 1, number <= lineStarts.count else { return "" }
    let end = number < lineStarts.count ? lineStarts[number] : text.utf8.count
    var bytes = Array(text.utf8.dropFirst(lineStarts[number - 1]).prefix(end - lineStarts[number - 1]))
    while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text between two UTF-8 offsets.
  func text(_ start: Int, _ end: Int) -> String {
    String(decoding: text.utf8.dropFirst(start).prefix(max(0, end - start)), as: UTF8.self)
  }

  /// The place of a range of UTF-8 offsets.
  func place(_ start: Int, _ end: Int) -> SourcePlace {
    let from = position(of: start)
    let to = position(of: max(start, end))
    return SourcePlace(path: path, line: from.line, column: from.column, endLine: to.line, endColumn: to.column)
  }
}

#endif
