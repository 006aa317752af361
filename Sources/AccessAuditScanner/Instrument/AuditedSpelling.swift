// SPDX-License-Identifier: Apache-2.0
//
// The spelling of a collection's declaration with the audited type, and of its label. Edits only;
// the choice of declarations is made elsewhere.

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

  /// An initial value that makes an empty collection and spells its type, as `[Int]()` does, with
  /// its edits; `nil` for anything else.
  static func empty(_ value: ExprSyntax, label: String) -> (kind: CollectionKind, edits: [TextEdit])? {
    guard let call = value.as(FunctionCallExprSyntax.self), call.arguments.isEmpty, call.trailingClosure == nil else {
      return nil
    }
    let kind: CollectionKind
    let name: String
    switch call.calledExpression.as(ExprSyntaxEnum.self) {
    case .dictionaryExpr(let literal):
      guard case .elements(let elements) = literal.content, let only = elements.first, elements.count == 1 else {
        return nil
      }
      kind = .dictionary
      name = "AuditedDictionary<\(only.key.trimmedDescription), \(only.value.trimmedDescription)>"
    case .arrayExpr(let literal):
      guard let only = literal.elements.first, literal.elements.count == 1 else { return nil }
      kind = .array
      name = "AuditedArray<\(only.expression.trimmedDescription)>"
    case .genericSpecializationExpr(let generic):
      guard let reference = generic.expression.as(DeclReferenceExprSyntax.self),
        let found = standard(reference.baseName.text)
      else { return nil }
      kind = found
      name = typeName(found) + generic.genericArgumentClause.trimmedDescription
    default: return nil
    }
    return (kind, [replace(Syntax(value), "\(name)(label: \(quoted(label)))")])
  }

  /// The edits of a value that is stored in the audited variable: an empty one becomes an empty
  /// audited collection, any other is wrapped; both get the label.
  static func value(_ value: ExprSyntax, _ kind: CollectionKind, label: String) -> [TextEdit] {
    if isEmptyLiteral(value) || value.trimmedDescription == ".init()" {
      return [replace(Syntax(value), "\(typeName(kind))(label: \(quoted(label)))")]
    }
    return wrap(
      value.positionAfterSkippingLeadingTrivia.utf8Offset, value.endPositionBeforeTrailingTrivia.utf8Offset, kind,
      label: label)
  }

  static func isEmptyLiteral(_ value: ExprSyntax) -> Bool {
    if let array = value.as(ArrayExprSyntax.self) { return array.elements.isEmpty }
    guard let dictionary = value.as(DictionaryExprSyntax.self) else { return false }
    if case .colon = dictionary.content { return true }
    return false
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
  static func wrap(_ start: Int, _ end: Int, _ kind: CollectionKind, label: String) -> [TextEdit] {
    [
      TextEdit(start: start, end: start, text: "\(typeName(kind))(", rank: .opening),
      TextEdit(start: end, end: end, text: ", label: \(quoted(label)))", rank: .closing),
    ]
  }

  /// A string literal.
  static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// True for `if` and `switch`, which are values only where they stand alone.
  static func isControl(_ value: ExprSyntax) -> Bool { value.is(IfExprSyntax.self) || value.is(SwitchExprSyntax.self) }
}

#endif
