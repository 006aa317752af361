// SPDX-License-Identifier: Apache-2.0
//
// What a collection is called where it is declared, from the stack of its creation and the source
// line there. Reads the line; guesses nothing.

#if REPORTS && canImport(Glibc)

package enum Declarations {
  private static var marks: [String] {
    [
      "variable initialization expression of ", "one-time initialization function for ",
      "property wrapper backing initializer of ",
    ]
  }

  /// `OrderCache.orders`; `nil` when neither the functions nor the source line say it.
  package static func name(created stack: [Violation.Frame]) -> String? {
    let own = stack.filter { $0.category == .user }
    guard let frame = stack.location else { return nil }
    for frame in own.prefix(2) {
      for mark in marks {
        if let symbol = frame.symbol, symbol.hasPrefix(mark) { return String(symbol.dropFirst(mark.count)) }
      }
    }
    guard let excerpt = SourceExcerpts.around(frame),
      let name = variable(in: excerpt.lines[excerpt.line - excerpt.firstLine])
    else { return nil }
    guard let type = frame.symbol.flatMap(initialisedType) else { return name }
    return "\(type).\(name)"
  }

  /// The variable that a source line declares, or assigns.
  static func variable(in line: String) -> String? {
    let words = line.split { $0 == " " || $0 == "\t" }
    for (index, word) in words.enumerated() where word == "var" || word == "let" {
      guard index + 1 < words.count else { return nil }
      return identifier(words[index + 1])
    }
    guard let first = words.first, words.count > 2, words[1] == "=" else { return nil }
    return identifier(first.hasPrefix("self.") ? first.dropFirst(5) : first)
  }

  private static func identifier(_ word: Substring) -> String? {
    let name = word.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard let first = name.first, !first.isNumber else { return nil }
    let rest = word.dropFirst(name.count).first
    return rest == nil || rest == ":" || rest == "=" ? String(name) : nil
  }

  /// `OrderCache` of `OrderCache.init()` and `OrderCache.__allocating_init(_:)`.
  private static func initialisedType(_ symbol: String) -> String? {
    let path = symbol.prefix { $0 != "(" }.split(separator: ".")
    guard path.count > 1, path.last == "init" || path.last == "__allocating_init" else { return nil }
    return path.dropLast().joined(separator: ".")
  }
}

#endif
