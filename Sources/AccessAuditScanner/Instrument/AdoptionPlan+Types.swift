// SPDX-License-Identifier: Apache-2.0
//
// The edits that give a variable its audited type: at the declaration, and at every use. Nothing is
// written here.

#if Scanner

import SwiftSyntax

extension AdoptionPlan {
  /// Why the type cannot change, as far as the declaration and the names around it show it.
  func typeRefusal(_ variable: VariableDeclaration) -> Refusal? {
    guard let declaration = variable.binding?.parent?.parent?.as(VariableDeclSyntax.self) else {
      return Refusal(text: "its declaration has an unusual form", isFinal: true)
    }
    if declaration.bindings.count != 1 {
      return Refusal(text: "several variables are declared at once", isFinal: true)
    }
    let attributes = Set(variable.attributes)
    if let attribute = attributes.subtracting(["usableFromInline", "MainActor"]).sorted().first {
      return Refusal(text: "it has the attribute @\(attribute)", isFinal: true)
    }
    if attributes.contains("usableFromInline") { return Refusal(text: "inlinable code uses it", isFinal: true) }
    let modifiers = Set(declaration.modifiers.map(\.name.text))
    if modifiers.contains("override") { return Refusal(text: "it overrides another", isFinal: true) }
    if variable.isPublic || modifiers.contains("package") { return Refusal(text: "its type is public interface") }
    if variable.annotation?.is(OptionalTypeSyntax.self) ?? false
      || variable.annotation?.is(ImplicitlyUnwrappedOptionalTypeSyntax.self) ?? false
    {
      return Refusal(text: "it is optional")
    }
    if let refusal = requirement(variable) { return refusal }
    if isOverridden(variable) { return Refusal(text: "a subclass overrides it") }
    if isUsedElsewhere(variable) { return Refusal(text: "it may be used where its type is not known") }
    return nil
  }

  /// A protocol that fixes the variable's type: one that its class or a subclass conforms to.
  private func requirement(_ variable: VariableDeclaration) -> Refusal? {
    guard let owner = variable.owner, !variable.isPrivate else { return nil }
    let index = facts.index
    for type in index.types where type.name == owner || index.ancestry(of: type.name).contains(owner) {
      var open = type.inherited.map { ($0, type) }
      var seen: Set<String> = []
      while let (name, context) = open.popLast() {
        guard let found = index.type(named: name, inheritedBy: context), found.kind != .unknown else {
          let simple = name.split(separator: ".").last.map(String.init) ?? name
          switch package.requires(variable.name, protocolName: simple) {
          case true?: return Refusal(text: "the protocol '\(simple)' requires it")
          case nil where !KnownProtocols.requiresNoCollection(simple):
            return Refusal(text: "'\(simple)', which is not in these sources, may require it")
          default: continue
          }
        }
        guard found.kind == .protocolType, seen.insert(found.name).inserted else { continue }
        if index.variable(variable.name, in: found.name) != nil {
          return Refusal(text: "the protocol '\(found.name)' requires it")
        }
        open += found.inherited.map { ($0, found) }
      }
    }
    return nil
  }

  private func isOverridden(_ variable: VariableDeclaration) -> Bool {
    guard let owner = variable.owner, !variable.isPrivate else { return false }
    return facts.index.variables.contains { other in
      other.name == variable.name && other.id != variable.id && other.owner != owner
        && (other.owner.map { facts.index.ancestry(of: $0).contains(owner) } ?? false)
    }
  }

  // MARK: Edits

  /// The edits of the declaration and of all uses.
  func typeEdits(
    _ variable: VariableDeclaration, _ accesses: [PlacedAccess], _ number: Int
  ) -> Result<[(Int, TextEdit)], Refusal> {
    var own: [TextEdit] = []
    let kind: CollectionKind
    let label = variable.symbol
    if let value = variable.initializer, AuditedSpelling.isControl(value) {
      return .failure(Refusal(text: "its value is a condition"))
    }
    if let annotation = variable.annotation {
      guard let spelled = AuditedSpelling.edits(annotation) else {
        return .failure(Refusal(text: "its type is spelled in a form of its own"))
      }
      kind = spelled.kind
      own += spelled.edits
      if let value = variable.initializer { own += AuditedSpelling.value(value, kind, label: label) }
    } else if let value = variable.initializer, let made = AuditedSpelling.empty(value, label: label) {
      kind = made.kind
      own += made.edits
    } else if let value = variable.initializer, case .collection(let inferred, _) = variable.type,
      spellsCollection(value)
    {
      kind = inferred
      own += AuditedSpelling.value(value, kind, label: label)
    } else {
      return .failure(Refusal(text: "its type is inferred from an expression"))
    }
    if variable.hasObservers { return .failure(Refusal(text: "observers see its old value")) }
    var all = own.map { (variable.file, $0) }
    for use in accesses {
      switch useEdits(use.access, kind, label) {
      case .success(let edits): all += edits.map { (use.file, $0) }
      case .failure(let problem): return .failure(problem)
      }
    }
    return .success(
      all.map { file, edit in
        var edit = edit
        edit.candidate = number
        return (file, edit)
      })
  }

  /// True for a literal, and for a call of a type that the value spells, as in
  /// `[Int](repeating: 0, count: 9)`.
  private func spellsCollection(_ value: ExprSyntax) -> Bool {
    if value.is(ArrayExprSyntax.self) || value.is(DictionaryExprSyntax.self) {
      return !AuditedSpelling.isEmptyLiteral(value)
    }
    guard let call = value.as(FunctionCallExprSyntax.self) else { return false }
    switch call.calledExpression.kind {
    case .arrayExpr, .dictionaryExpr: return true
    case .genericSpecializationExpr:
      let generic = call.calledExpression.cast(GenericSpecializationExprSyntax.self)
      return AuditedSpelling.standard(generic.expression.trimmedDescription) != nil
    default: return false
    }
  }

  /// Members of the collections that mean the same on the audited types.
  private static let direct: Set<String> = [
    "subscript", "slice", "removal", "count", "isEmpty", "updateValue", "removeValue", "removeAll", "merge", "append",
    "insert", "remove", "removeLast", "removeFirst", "popLast", "popFirst", "contains", "forEach", "reserveCapacity",
    "firstIndex", "index", "first", "last", "formUnion", "subtract", "update", "startIndex", "endIndex", "indices",
    "sort", "map", "flatMap", "compactMap", "reduce", "allSatisfy", "sorted", "min", "max", "keys", "values", "swapAt",
    "reverse", "shuffle", "partition", "replaceSubrange", "removeSubrange", "formIntersection",
    "formSymmetricDifference",
  ]

  /// The edits at one use.
  private func useEdits(_ access: AccessRecord, _ kind: CollectionKind, _ label: String) -> Result<[TextEdit], Refusal>
  {
    if access.isBareName { return .failure(Refusal(text: "a capture list or a shorthand binding names it")) }
    switch access.operation {
    case "=":
      guard let assigned = access.assigned, !assigned.isControl else {
        return .failure(Refusal(text: "it is assigned in an unusual form"))
      }
      if assigned.isEmpty {
        let text = "\(AuditedSpelling.typeName(kind))(label: \(AuditedSpelling.quoted(label)))"
        return .success([TextEdit(start: assigned.start, end: assigned.end, text: text)])
      }
      return .success(AuditedSpelling.wrap(assigned.start, assigned.end, kind, label: label))
    case "inout": return .failure(Refusal(text: "it is passed as inout or changed by an operator"))
    default: break
    }
    let plain = AuditedSpelling.insert(".\(AuditedSpelling.plain(kind))", at: access.nameEnd)
    // A subscript of the package's own is one of the plain type.
    let isOwnSubscript =
      access.argumentLabel.map { $0 != "default" } ?? false
      || ["subscript", "slice", "removal"].contains(access.operation) && facts.index.extensions.hasSubscripts(kind)
    let effect = facts.index.extensions.effect(access.operation, on: kind)
    if effect == nil, !isOwnSubscript, AdoptionPlan.direct.contains(access.operation) { return .success([]) }
    if access.isWrite || effect == .changes { return .failure(Refusal(text: "'\(access.operation)' changes it")) }
    if effect == nil, !isOwnSubscript, access.operation != "value", !StandardMembers.readsOnly(access.operation) {
      return .failure(Refusal(text: "'\(access.operation)' may change it"))
    }
    return .success([plain])
  }
}

/// Members of the standard library and of Foundation that change nothing.
enum StandardMembers {
  private static let names: Set<String> = [
    "filter", "mapValues", "compactMapValues", "reversed", "joined", "enumerated", "lastIndex", "prefix", "suffix",
    "dropFirst", "dropLast", "drop", "union", "intersection", "subtracting", "symmetricDifference", "isSubset",
    "isSuperset", "isStrictSubset", "isStrictSuperset", "isDisjoint", "merging", "randomElement", "elementsEqual",
    "starts", "split", "lazy", "makeIterator", "description", "debugDescription", "capacity", "hash", "hashValue",
    "shuffled", "difference", "applying", "distance", "formIndex", "underestimatedCount", "withUnsafeBufferPointer",
    "withUnsafeBytes", "withContiguousStorageIfAvailable", "lexicographicallyPrecedes", "customMirror",
    "unsafelyUnwrapped",
    "trimmingPrefix", "firstRange", "ranges", "removingSubranges", "span", "self", "count", "contains", "flatMap",
    "map", "compactMap", "reduce",
  ]

  static func readsOnly(_ name: String) -> Bool { names.contains(name) }
}

#endif
