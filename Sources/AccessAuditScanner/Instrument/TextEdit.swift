// SPDX-License-Identifier: Apache-2.0
//
// Replacements in one text, by UTF-8 offsets. Nothing here depends on the meaning of the text.

#if Scanner

/// One replacement.
struct TextEdit: Sendable, Hashable {
  var start: Int
  var end: Int
  var text: String
  /// The adopted variable that the edit belongs to; `nil` for the import.
  var candidate: Int?
}

extension [TextEdit] {
  /// The text with all edits made; equal edits count once, an edit inside another is dropped.
  ///
  /// - Complexity: O(*n* + *e* log *e*).
  func applied(to text: String) -> String {
    let bytes = Array<UInt8>(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 64 * count)
    var position = 0
    var seen: Set<TextEdit> = []
    let ordered = enumerated().sorted { left, right in
      (left.element.start, left.element.end, left.offset) < (right.element.start, right.element.end, right.offset)
    }
    for (_, edit) in ordered {
      var key = edit
      key.candidate = nil
      guard edit.start >= position, edit.end <= bytes.count, seen.insert(key).inserted else { continue }
      result += bytes[position..<edit.start]
      result += Array<UInt8>(edit.text.utf8)
      position = edit.end
    }
    result += bytes[position...]
    return String(decoding: result, as: UTF8.self)
  }
}

#endif
