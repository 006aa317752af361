// SPDX-License-Identifier: Apache-2.0
//
// The import of the audited types, in each file that uses them. Nothing is written here.

#if Scanner

import SwiftSyntax

extension AdoptionPlan {
  mutating func addImports() {
    for file in sources.indices where edits[file].contains(where: { $0.candidate != nil }) {
      guard let tree = facts.files[file].tree else { continue }
      let imports = tree.statements.compactMap { $0.item.as(ImportDeclSyntax.self) }
      if imports.contains(where: { $0.path.trimmedDescription == "AuditedCollections" }) { continue }
      let line = isPartOfInterface(file) ? "public import AuditedCollections" : "import AuditedCollections"
      if let last = imports.last {
        let offset = endOfLine(file, last.endPositionBeforeTrailingTrivia.utf8Offset)
        edits[file].append(TextEdit(start: offset, end: offset, text: "\(newline(file))\(line)"))
      } else {
        // Before the first declaration and its comments, after the comments that stand alone at
        // the head of the file.
        let offset = headEnd(tree)
        edits[file].append(
          TextEdit(start: offset, end: offset, text: "\(line)\(newline(file))\(newline(file))"))
      }
    }
  }

  /// True when a public variable of the file has a wrapper, in a module whose imports are internal
  /// by default.
  private func isPartOfInterface(_ file: Int) -> Bool {
    guard sources.contains(where: { $0.text.contains("public import ") }) else { return false }
    let adopted = Set(edits[file].compactMap(\.candidate))
    return adopted.contains { number in
      let candidate = candidates[number]
      return candidate.form == .wrapper && candidate.place.path == sources[file].path
        && facts.index.variables.contains {
          $0.file == file && $0.isPublic && $0.symbol == candidate.symbol
        }
    }
  }

  /// The line ending of the file.
  private func newline(_ file: Int) -> String { sources[file].text.utf8.contains(0x0D) ? "\r\n" : "\n" }

  /// The end of the line of an offset; a comment may follow an import.
  private func endOfLine(_ file: Int, _ offset: Int) -> Int {
    var position = offset
    for byte in sources[file].text.utf8.dropFirst(offset) {
      if byte == 0x0A || byte == 0x0D { break }
      position += 1
    }
    return position
  }

  /// The start of the first declaration's comment: behind the last blank line of the leading
  /// trivia.
  private func headEnd(_ tree: SourceFileSyntax) -> Int {
    guard let first = tree.firstToken(viewMode: .sourceAccurate) else { return 0 }
    var offset = 0
    var position = 0
    for piece in first.leadingTrivia {
      position += piece.sourceLength.utf8Length
      switch piece {
      case .newlines(let count) where count > 1: offset = position
      case .carriageReturnLineFeeds(let count) where count > 1: offset = position
      default: break
      }
    }
    return offset
  }
}

#endif
