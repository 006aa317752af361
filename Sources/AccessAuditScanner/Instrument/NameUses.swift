// SPDX-License-Identifier: Apache-2.0
//
// Uses of a variable's name that the walk of the bodies did not understand: key paths, default
// arguments, objects of unknown type. Reads tokens; changes nothing.

#if Scanner

import SwiftSyntax

/// The uses of some names in one file, without declarations and labels.
struct NameUses: Sendable {
  struct Use: Sendable {
    var name: String
    var end: Int
    /// True after a dot with nothing before it.
    var isImplicitMember: Bool
  }

  private(set) var uses: [Use] = []

  /// Finds the uses of `names` in a file.
  ///
  /// - Complexity: O(*n*) in the number of tokens.
  init(_ tree: SourceFileSyntax, _ names: Set<String>) {
    for token in tree.tokens(viewMode: .sourceAccurate) {
      guard case .identifier(let text) = token.tokenKind else { continue }
      let name = text.first == "`" ? String(text.dropFirst().dropLast()) : text
      guard names.contains(name), let parent = token.parent, let isImplicit = NameUses.role(token, parent) else {
        continue
      }
      uses.append(
        Use(name: name, end: token.endPositionBeforeTrailingTrivia.utf8Offset, isImplicitMember: isImplicit))
    }
  }

  /// Whether a use is an implicit member; `nil` for a token that is no use of a variable.
  private static func role(_ token: TokenSyntax, _ parent: Syntax) -> Bool? {
    switch parent.kind {
    case .declReferenceExpr:
      guard let member = parent.parent?.as(MemberAccessExprSyntax.self), member.declName.id == parent.id else {
        return false
      }
      return member.base == nil
    case .closureCapture: return false
    case .identifierPattern:
      // `if let name` reads the variable.
      guard let binding = parent.parent?.as(OptionalBindingConditionSyntax.self) else { return nil }
      return binding.initializer == nil ? false : nil
    default: return nil
    }
  }
}

#endif
