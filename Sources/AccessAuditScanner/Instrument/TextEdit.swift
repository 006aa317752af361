// SPDX-License-Identifier: Apache-2.0
//
// Replacements in one text, by UTF-8 offsets, and where they are in the new text. Nothing here
// depends on the meaning of the text.

#if Scanner

/// One replacement.
struct TextEdit: Sendable, Hashable {
  var start: Int
  var end: Int
  var text: String
  /// The order at one offset: what belongs to the expression before it, what closes that, what
  /// opens the next.
  var rank = Rank.suffix
  /// The adopted variable that the edit belongs to; `nil` for the import.
  var candidate: Int?

  enum Rank: Int, Sendable {
    case suffix
    case closing
    case opening
  }
}

/// A text after its edits.
struct EditedText: Sendable {
  var text: String
  /// For each line of the new text, from 1, the candidates with an edit on it.
  var candidates: [Int: Set<Int>]
}

extension [TextEdit] {
  /// The text with all edits made; equal edits count once, an edit inside another is dropped.
  ///
  /// - Complexity: O(*n* + *e* log *e*).
  func applied(to text: String) -> String { edited(text).text }

  /// The text with all edits made, and the lines that they are on.
  ///
  /// - Complexity: O(*n* + *e* log *e*).
  func edited(_ text: String) -> EditedText {
    let bytes = Array<UInt8>(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 64 * count)
    var position = 0
    var line = 1
    var seen: Set<TextEdit> = []
    var candidates: [Int: Set<Int>] = [:]
    func copy(_ part: some Collection<UInt8>) {
      result += part
      for byte in part where byte == 0x0A { line += 1 }
    }
    let ordered = enumerated().sorted { left, right in
      (left.element.start, left.element.end, left.element.rank.rawValue, left.offset)
        < (right.element.start, right.element.end, right.element.rank.rawValue, right.offset)
    }
    for (_, edit) in ordered {
      var key = edit
      key.candidate = nil
      guard edit.start >= position || seen.contains(key), edit.end <= bytes.count else { continue }
      guard seen.insert(key).inserted else {
        // The same edit for another variable.
        if let candidate = edit.candidate { candidates[line, default: []].insert(candidate) }
        continue
      }
      copy(bytes[position..<edit.start])
      let first = line
      copy(Array<UInt8>(edit.text.utf8))
      if let candidate = edit.candidate {
        for number in first...line { candidates[number, default: []].insert(candidate) }
      }
      position = edit.end
    }
    copy(bytes[position...])
    return EditedText(text: String(decoding: result, as: UTF8.self), candidates: candidates)
  }
}

#endif
