// SPDX-License-Identifier: Apache-2.0
//
// Pieces of HTML as text: whatever comes from a file is escaped here and nowhere else. Pure.

#if REPORTS && canImport(Glibc)

internal import AccessTerms

/// A piece of HTML that is safe to put into a page: text that is put in is escaped.
struct Markup: ExpressibleByStringInterpolation {
  var text: String

  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  struct Interpolation: StringInterpolationProtocol {
    var text = ""
    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += Markup.escaped(String(describing: value))
    }
    mutating func appendInterpolation(_ value: Markup) { text += value.text }
    mutating func appendInterpolation(_ value: [Markup]) { for piece in value { text += piece.text } }
  }

  /// Text for content and quoted attributes; control characters are made visible.
  static func escaped(_ text: String) -> String {
    TextEscaping.printable(text).reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
  }
}

#endif
