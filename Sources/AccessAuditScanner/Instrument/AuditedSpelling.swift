// SPDX-License-Identifier: Apache-2.0
//
// The spelling of a collection's declaration with the audited type. Edits only; the choice of
// declarations is made elsewhere.

#if Scanner

import SwiftSyntax

/// The spelling of audited declarations.
enum AuditedSpelling {
  static func typeName(_ kind: CollectionKind) -> String {
    switch kind {
    case .dictionary: "AuditedDictionary"
    case .set: "AuditedSet"
    case .array: "AuditedArray"
    }
  }

  /// The property that gives the plain collection.
  static func plain(_ kind: CollectionKind) -> String { kind.rawValue }

  /// The plain collection that the type's syntax spells, with its edits; `nil` for anything else.
  static func edits(_ type: TypeSyntax) -> (kind: CollectionKind, edits: [TextEdit])? {
    switch type.as(TypeSyntaxEnum.self) {
    case .dictionaryType(let dictionary):
      let text = "AuditedDictionary<\(dictionary.key.trimmedDescription), \(dictionary.value.trimmedDescription)>"
      return (.dictionary, [replace(Syntax(type), text)])
    case .arrayType(let array):
      return (.array, [replace(Syntax(type), "AuditedArray<\(array.element.trimmedDescription)>")])
    case .identifierType(let identifier):
      guard let kind = standard(identifier.name.text), identifier.genericArgumentClause != nil else { return nil }
      return (kind, [replace(Syntax(identifier.name), typeName(kind))])
    default: return nil
    }
  }

  /// The plain collection that an initial value makes, with its edits; `nil` when the value does
  /// not spell its type.
  static func edits(_ value: ExprSyntax) -> (kind: CollectionKind, edits: [TextEdit])? {
    guard let call = value.as(FunctionCallExprSyntax.self) else { return nil }
    switch call.calledExpression.as(ExprSyntaxEnum.self) {
    case .dictionaryExpr(let literal):
      guard case .elements(let elements) = literal.content, let only = elements.first, elements.count == 1 else {
        return nil
      }
      let text = "AuditedDictionary<\(only.key.trimmedDescription), \(only.value.trimmedDescription)>"
      return (.dictionary, [replace(Syntax(literal), text)])
    case .arrayExpr(let literal):
      guard let only = literal.elements.first, literal.elements.count == 1 else { return nil }
      return (.array, [replace(Syntax(literal), "AuditedArray<\(only.expression.trimmedDescription)>")])
    case .genericSpecializationExpr(let generic):
      guard let reference = generic.expression.as(DeclReferenceExprSyntax.self),
        let kind = standard(reference.baseName.text)
      else { return nil }
      return (kind, [replace(Syntax(reference), typeName(kind))])
    default: return nil
    }
  }

  static func standard(_ name: String) -> CollectionKind? {
    switch name {
    case "Dictionary": .dictionary
    case "Set": .set
    case "Array": .array
    default: nil
    }
  }

  static func replace(_ node: Syntax, _ text: String) -> TextEdit {
    TextEdit(
      start: node.positionAfterSkippingLeadingTrivia.utf8Offset, end: node.endPositionBeforeTrailingTrivia.utf8Offset,
      text: text)
  }

  static func insert(_ text: String, at offset: Int) -> TextEdit { TextEdit(start: offset, end: offset, text: text) }

  /// Wraps a range in the audited type's initialiser.
  static func wrap(_ start: Int, _ end: Int, _ kind: CollectionKind) -> [TextEdit] {
    [insert("\(typeName(kind))(", at: start), insert(")", at: end)]
  }

  /// True for a literal or another value that takes its type from the declaration.
  static func adapts(_ value: ExprSyntax) -> Bool {
    switch value.kind {
    case .arrayExpr, .dictionaryExpr: true
    default: value.trimmedDescription.hasPrefix(".init")
    }
  }
}

#endif
