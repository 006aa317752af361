// SPDX-License-Identifier: Apache-2.0
//
// Keeps the lines of an instrumented file where they were: an import that was added goes to the end
// of the file, where Swift takes it just as well. Text to text.

#if Scanner && canImport(Glibc)

package enum LineKeeper {
  /// The instrumented text with every line of the original at its number; `nil` when that cannot
  /// be had, so that the file has to be left alone.
  ///
  /// - Complexity: O(*n*).
  package static func keepLines(of original: String, in instrumented: String) -> String? {
    var lines = split(instrumented)
    let wanted = split(original).count
    guard lines.count != wanted else { return instrumented }
    guard let added = lines.firstIndex(where: isImport), !split(original).contains(where: isImport) else { return nil }
    let statement = trimmed(lines.remove(at: added))
    // Before the first declaration an empty line was added with it.
    if lines.count == wanted + 1, added < lines.count, trimmed(lines[added]).isEmpty { lines.remove(at: added) }
    guard lines.count == wanted else { return nil }
    return importing(lines.joined(), statement)
  }

  /// The text with an import at its end.
  package static func importing(_ text: String, _ statement: String = "import AuditedCollections") -> String {
    text + (text.isEmpty || text.utf8.last == 0x0A ? "" : "\n") + statement + "\n"
  }

  private static func isImport(_ line: Substring) -> Bool {
    ["import AuditedCollections", "public import AuditedCollections"].contains(trimmed(line))
  }

  private static func trimmed(_ line: Substring) -> String {
    String(line.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  /// The lines with their ends.
  private static func split(_ text: String) -> [Substring] {
    var lines: [Substring] = []
    var rest = text[...]
    while let end = rest.firstIndex(where: \.isNewline) {
      let next = rest.index(after: end)
      lines.append(rest[..<next])
      rest = rest[next...]
    }
    if !rest.isEmpty { lines.append(rest) }
    return lines
  }
}

#endif
