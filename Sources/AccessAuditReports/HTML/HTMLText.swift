// SPDX-License-Identifier: Apache-2.0
//
// Elements of HTML as text: what comes from a report is escaped here and nowhere else. Pure.

#if REPORTS && canImport(Glibc)

internal import AccessReports
internal import AccessTerms

/// A piece of HTML that is safe to put into a page.
struct HTML: ExpressibleByStringInterpolation, Sendable {
  var text: String

  /// Markup written in this package.
  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: Interpolation) { text = stringInterpolation.text }
  init(markup: String) { text = markup }

  struct Interpolation: StringInterpolationProtocol {
    var text = ""
    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ literal: String) { text += literal }
    /// Foreign text: escaped.
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += HTML.escaped(String(describing: value))
    }
    mutating func appendInterpolation(_ value: HTML) { text += value.text }
    mutating func appendInterpolation(_ value: [HTML]) { text += value.map(\.text).joined() }
  }

  /// Text of several lines.
  static func withLines(_ text: String) -> HTML {
    HTML(
      markup: text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }.joined(
        separator: "\n"))
  }

  /// Text with what stands between back-ticks as code.
  static func withCode(_ text: String) -> HTML {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false)
    return HTML(
      markup: parts.enumerated().map { index, part in
        let escaped = escaped(String(part))
        return index % 2 == 1 ? "<code>\(escaped)</code>" : escaped
      }.joined())
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
