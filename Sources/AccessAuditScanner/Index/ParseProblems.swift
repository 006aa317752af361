// SPDX-License-Identifier: Apache-2.0
//
// Finds the first place that the parser rejected. It repairs nothing.

#if Scanner

import SwiftSyntax

/// Syntax errors of a file.
enum ParseProblems {
  /// The first missing or unexpected piece of a tree that has errors.
  ///
  /// - Complexity: O(*n*) in the number of tokens.
  static func first(in tree: SourceFileSyntax, _ source: SourceText) -> SourceProblem {
    var offset = source.text.utf8.count
    var message = "not valid Swift"
    for token in tree.tokens(viewMode: .all) {
      if token.presence == .missing {
        offset = token.position.utf8Offset
        message = "expected '\(token.tokenKind.expectedText)' here"
        break
      }
      if token.parent?.is(UnexpectedNodesSyntax.self) ?? false {
        offset = token.positionAfterSkippingLeadingTrivia.utf8Offset
        message = "unexpected '\(token.text.prefix(40))' here"
        break
      }
    }
    let place = source.place(min(offset, source.text.utf8.count), min(offset, source.text.utf8.count))
    return SourceProblem(
      place: place, message: "could not be parsed in full: \(message); the rest was scanned",
      isUnscanned: leavesOut(tree))
  }

  /// True when the parser has put code aside: what follows an error, and what is nested more deeply
  /// than it goes.
  private static func leavesOut(_ tree: SourceFileSyntax) -> Bool {
    tree.tokens(viewMode: .all).contains { token in
      var node = token.parent
      while let current = node {
        if current.is(UnexpectedNodesSyntax.self) { return true }
        node = current.parent
      }
      return false
    }
  }
}

extension TokenKind {
  /// The expected token, for a message.
  fileprivate var expectedText: String {
    switch self {
    case .identifier: "a name"
    case .rightBrace: "}"
    case .rightParen: ")"
    case .rightSquare: "]"
    case .leftBrace: "{"
    case .endOfFile: "the end of the file"
    default: TokenSyntax(self, presence: .present).text
    }
  }
}

#endif
