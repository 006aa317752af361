// SPDX-License-Identifier: Apache-2.0
//
// Lazy collections of classes. Their accesses go through a temporary, where the audit sees nothing,
// so in an overlay each becomes what the compiler makes of it: a variable for the value, which
// `@Audited` watches, and a computed one that makes it. Text to text; every line stays at its
// number.

#if Scanner && canImport(Glibc)

import AccessAuditScanner
import SwiftParser
import SwiftSyntax

struct LazyVariables {
  /// One lazy variable that was rewritten.
  struct Variable {
    var symbol: String
    /// The lines of its declaration.
    var lines: ClosedRange<Int>
    var nameLine: Int
  }

  private(set) var text: String
  private(set) var variables: [Variable] = []

  /// Rewrites the lazy collections of a file, but for those that are left out.
  ///
  /// - Complexity: O(*n*).
  init(_ source: SourceText, without left: Set<String>) {
    text = source.text
    guard source.text.contains("lazy var") else { return }
    let tree = Parser.parse(source: source.text)
    guard !tree.hasError else { return }
    let finder = LazyFinder(viewMode: .sourceAccurate)
    finder.walk(tree)
    let converter = SourceLocationConverter(fileName: source.path, tree: tree)
    var bytes = Array(source.text.utf8)
    for found in finder.found.reversed() where !left.contains(found.symbol) {
      let start = found.declaration.positionAfterSkippingLeadingTrivia.utf8Offset
      let valueStart = found.value.positionAfterSkippingLeadingTrivia.utf8Offset
      let valueEnd = found.value.endPositionBeforeTrailingTrivia.utf8Offset
      // What is left of the head has to stay on its lines.
      guard !bytes[start..<valueStart].contains(0x0A) else { continue }
      bytes.insert(contentsOf: found.tail.utf8, at: valueEnd)
      bytes.replaceSubrange(start..<valueStart, with: found.head.utf8)
      let first = converter.location(for: AbsolutePosition(utf8Offset: start)).line
      let last = converter.location(for: AbsolutePosition(utf8Offset: valueEnd)).line
      variables.append(Variable(symbol: found.symbol, lines: first...last, nameLine: first))
    }
    variables.reverse()
    if !variables.isEmpty { text = String(decoding: bytes, as: UTF8.self) }
  }
}

/// Finds the lazy variables of classes whose type is spelled as a collection's.
private final class LazyFinder: SyntaxVisitor {
  struct Found {
    var declaration: VariableDeclSyntax
    var value: ExprSyntax
    var symbol: String
    /// What stands before the value: the two variables.
    var head: String
    /// What follows it.
    var tail: String
  }

  private(set) var found: [Found] = []

  override func visit(_ node: VariableDeclSyntax) -> SyntaxVisitorContinueKind {
    if let one = read(node) { found.append(one) }
    return .visitChildren
  }

  private func read(_ node: VariableDeclSyntax) -> Found? {
    let modifiers = node.modifiers.filter { $0.name.text != "lazy" }
    guard modifiers.count == node.modifiers.count - 1, node.attributes.isEmpty,
      !modifiers.contains(where: { ["override", "nonisolated", "unowned", "weak"].contains($0.name.text) }),
      let binding = node.bindings.first, node.bindings.count == 1, binding.accessorBlock == nil,
      let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier.text, !name.hasPrefix("`"),
      let type = binding.typeAnnotation?.type, isCollection(type), let value = binding.initializer?.value,
      let owner = owner(Syntax(node))
    else { return nil }
    let symbol = "\(owner).\(name)"
    let spelled = type.trimmedDescription
    let words = modifiers.map { $0.trimmedDescription + " " }.joined()
    let storage = "audited_\(name)"
    return Found(
      declaration: node, value: value, symbol: symbol,
      head: "@Audited(label: \"\(symbol)\") private var \(storage): Optional<\(spelled)> = nil; "
        + "\(words)var \(name): \(spelled) { get { if let known = \(storage) { return known }; let made: \(spelled) = ",
      tail: "; \(storage) = made; return made } set { \(storage) = newValue } }")
  }

  private func isCollection(_ type: TypeSyntax) -> Bool {
    if type.is(DictionaryTypeSyntax.self) || type.is(ArrayTypeSyntax.self) { return true }
    guard let identifier = type.as(IdentifierTypeSyntax.self), identifier.genericArgumentClause != nil else {
      return false
    }
    return ["Dictionary", "Set", "Array"].contains(identifier.name.text)
  }

  /// The class that stores the variable, with those around it; `nil` elsewhere.
  private func owner(_ node: Syntax) -> String? {
    var names: [String] = []
    var next = node.parent
    while let parent = next {
      if let type = parent.as(ClassDeclSyntax.self) {
        names.append(type.name.text)
      } else if names.isEmpty {
        // Neither a body nor another type may be between the two.
        guard
          parent.is(MemberBlockItemSyntax.self) || parent.is(MemberBlockItemListSyntax.self)
            || parent.is(MemberBlockSyntax.self) || parent.is(IfConfigClauseSyntax.self)
            || parent.is(IfConfigClauseListSyntax.self) || parent.is(IfConfigDeclSyntax.self)
        else { return nil }
      }
      next = parent.parent
    }
    return names.first.map { _ in names.reversed().joined(separator: ".") }
  }
}

#endif
