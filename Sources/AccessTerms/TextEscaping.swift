// SPDX-License-Identifier: Apache-2.0
//
// Making foreign text safe for a terminal or a log: labels, thread names, function names, option
// values.

#if REPORTS && canImport(Glibc)

package enum TextEscaping {
  /// The text with control characters, terminal escapes and bidirectional overrides written as
  /// `\u{…}`, cut after `limit` scalars.
  package static func printable(_ text: String, limit: Int = 4096) -> String {
    guard text.unicodeScalars.count > limit || text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      if count == limit {
        result.append("…")
        break
      }
      count += 1
      if isUnsafe(scalar) {
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    case .format: scalar.value != 0x200D
    default: false
    }
  }
}

#endif
