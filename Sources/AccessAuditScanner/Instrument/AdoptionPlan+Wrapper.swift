// SPDX-License-Identifier: Apache-2.0
//
// `@Audited` on a variable that keeps its type, and the places where the compiler rejects a
// wrapper. Nothing is written here.

#if Scanner

import SwiftSyntax

extension AdoptionPlan {
  /// The edits that watch a variable, or why a wrapper is not possible.
  func wrapperEdits(_ variable: VariableDeclaration, _ uses: [PlacedAccess]) -> Result<[TextEdit], Refusal> {
    if let refusal = wrapperRefusal(variable, uses) { return .failure(refusal) }
    guard let binding = variable.binding, let declaration = binding.parent?.parent?.as(VariableDeclSyntax.self) else {
      return .failure(Refusal(text: "a wrapper cannot be added to it"))
    }
    let start = declaration.positionAfterSkippingLeadingTrivia.utf8Offset
    let label = AuditedSpelling.quoted(variable.symbol)
    if variable.initializer != nil {
      return .success([AuditedSpelling.insert("@Audited(label: \(label)) ", at: start)])
    }
    // A wrapper with arguments does not take over the `nil` that an optional starts with.
    if isOptional(variable), let annotation = binding.typeAnnotation {
      return .success([
        AuditedSpelling.insert("@Audited(label: \(label)) ", at: start),
        AuditedSpelling.insert(" = nil", at: annotation.endPositionBeforeTrailingTrivia.utf8Offset),
      ])
    }
    let attribute = AuditedSpelling.insert("@Audited ", at: start)
    // An actor's initialiser is not isolated to the actor. It may set a stored property, which the
    // wrapper itself is, but not the wrapper's value.
    if let owner = variable.owner, facts.index.type(named: owner)?.kind == .actorType {
      return firstValues(variable, uses).map { [attribute] + $0 }
    }
    // An initialiser assigns the first value, which the wrapper takes without arguments only.
    return .success([attribute])
  }

  /// The edits by which an actor's initialisers set the wrapper instead of its value.
  private func firstValues(
    _ variable: VariableDeclaration, _ uses: [PlacedAccess]
  ) -> Result<[TextEdit], Refusal> {
    let bytes = Array(sources[variable.file].text.utf8)
    var edits: [TextEdit] = []
    for access in InitialisationOrder(index: facts.index, variable: variable).firstValues(uses.map(\.access)) {
      let name = access.nameEnd - variable.name.utf8.count
      guard let assigned = access.assigned, !assigned.isControl, name >= 0,
        bytes[name..<access.nameEnd].elementsEqual(variable.name.utf8)
      else { return .failure(Refusal(text: "an initialiser assigns it in an unusual form")) }
      edits.append(AuditedSpelling.insert("_", at: name))
      edits.append(
        TextEdit(start: assigned.start, end: assigned.start, text: "Audited(wrappedValue: ", rank: .opening))
      edits.append(
        TextEdit(
          start: assigned.end, end: assigned.end, text: ", label: \(AuditedSpelling.quoted(variable.symbol)))",
          rank: .closing))
    }
    return .success(edits)
  }

  private func isOptional(_ variable: VariableDeclaration) -> Bool {
    guard let annotation = variable.annotation else { return false }
    return annotation.is(OptionalTypeSyntax.self) || annotation.is(ImplicitlyUnwrappedOptionalTypeSyntax.self)
  }

  /// Why the compiler would reject the wrapper.
  private func wrapperRefusal(_ variable: VariableDeclaration, _ uses: [PlacedAccess]) -> Refusal? {
    if variable.isLazy { return Refusal(text: "a lazy variable takes no wrapper") }
    if !variable.attributes.isEmpty { return Refusal(text: "its attributes exclude a wrapper") }
    if variable.isNonisolatedUnsafe || variable.isNonisolated { return Refusal(text: "it is nonisolated") }
    guard let owner = variable.owner else {
      return Refusal(text: "a wrapper cannot be added to a global or top-level variable")
    }
    let index = facts.index
    guard !variable.isStatic else { return nil }
    if let type = index.type(named: owner) {
      if type.kind == .structType || type.kind == .enumType {
        return Refusal(text: "a structure's property takes no wrapper")
      }
      if let macro = type.attributes.first(where: { ["Observable", "Model", "objcMembers"].contains($0) }) {
        return Refusal(text: "@\(macro) on its class excludes a wrapper")
      }
    }
    if isCoded(owner) { return Refusal(text: "its class has a synthesised coding, which a wrapper would stop") }
    return InitialisationOrder(index: index, variable: variable).refusal(uses.map(\.access))
  }

  /// True when the compiler writes the class's coding.
  private func isCoded(_ owner: String) -> Bool {
    let index = facts.index
    let names = index.ancestry(of: owner).flatMap { index.type(named: $0)?.inherited ?? [] }
    let decodes = names.contains { $0 == "Codable" || $0 == "Decodable" }
    let encodes = names.contains { $0 == "Codable" || $0 == "Encodable" }
    let ownDecoding = index.functions("init", in: owner).contains { $0.parameters.first?.label == "from" }
    return decodes && !ownDecoding || encodes && index.functions("encode", in: owner).isEmpty
  }
}

/// The order in which initialisers set a class's properties: before all are set, a property with a
/// wrapper can be given its first value and nothing else.
struct InitialisationOrder {
  let index: ModuleIndex
  let variable: VariableDeclaration

  /// Why the initialisers exclude a wrapper, if they do.
  func refusal(_ accesses: [AccessRecord]) -> Refusal? {
    let hasFirstValue =
      variable.initializer != nil || variable.annotation?.is(OptionalTypeSyntax.self) ?? false
      || variable.annotation?.is(ImplicitlyUnwrappedOptionalTypeSyntax.self) ?? false
    for early in earlyAccesses(accesses) {
      let isFirstValue =
        !hasFirstValue && early.count == 1 && early[0].operation == "=" && early[0].loops.isEmpty
        && !early[0].isDetachedClosure
      if !isFirstValue { return Refusal(text: "an initialiser uses it before all properties are set") }
    }
    return nil
  }

  /// The assignments that give the variable its first value, one in each initialiser that has any.
  func firstValues(_ accesses: [AccessRecord]) -> [AccessRecord] {
    earlyAccesses(accesses).compactMap(\.first).filter { $0.operation == "=" }
  }

  /// For each initialiser that has any, the accesses before `self` is whole.
  private func earlyAccesses(_ accesses: [AccessRecord]) -> [[AccessRecord]] {
    let grouped = Dictionary(grouping: accesses) { $0.function }
    return index.functions.compactMap { function in
      guard function.kind == .initializer, function.owner == variable.owner, let own = grouped[function.id] else {
        return nil
      }
      let end = firstMoment(in: function)
      let early = own.filter { $0.frames.isEmpty && !$0.isForeign && $0.start < end }
      return early.isEmpty ? nil : early
    }
  }

  /// The offset in an initialiser from which `self` is whole.
  private func firstMoment(in function: FunctionDeclaration) -> Int {
    let end = function.body.endPosition.utf8Offset
    if let call = InitialisationOrder.call(of: "self", in: Syntax(function.body)) {
      return call.positionAfterSkippingLeadingTrivia.utf8Offset
    }
    if let call = InitialisationOrder.call(of: "super", in: Syntax(function.body)) {
      return call.endPositionBeforeTrailingTrivia.utf8Offset
    }
    guard let owner = variable.owner, let type = index.type(named: owner) else { return end }
    // A superclass without parameters in its initialiser is initialised at the end.
    let known = type.inherited.allSatisfy { name in
      index.type(named: name, inheritedBy: type)?.kind == .protocolType
        || KnownProtocols.requiresNoCollection(name) && !name.hasPrefix("NS") && !name.hasPrefix("UI")
          && !["Thread", "Operation", "Formatter", "InputStream", "OutputStream", "URLProtocol"].contains(name)
    }
    if !known { return end }
    let needed = Set(
      type.variables.lazy.map { index.variables[$0] }.filter { other in
        other.isStored && !other.isStatic && !other.isLazy && other.initializer == nil
          && !(other.annotation?.is(OptionalTypeSyntax.self) ?? false && !other.isLet)
          && !(other.annotation?.is(ImplicitlyUnwrappedOptionalTypeSyntax.self) ?? false)
      }.map(\.name))
    return lastAssignment(of: needed, in: Syntax(function.body)) ?? function.body.position.utf8Offset
  }

  /// The end of the last assignment of one of the names.
  private func lastAssignment(of names: Set<String>, in node: Syntax) -> Int? {
    var last: Int?
    if let sequence = node.as(SequenceExprSyntax.self), sequence.elements.count > 2 {
      let elements = Array(sequence.elements)
      if elements[1].is(AssignmentExprSyntax.self) {
        let target = elements[0].trimmedDescription.replacingPrefix("self.", with: "")
        if names.contains(target) || target.hasPrefix("(") { last = sequence.endPosition.utf8Offset }
      }
    }
    for child in node.children(viewMode: .sourceAccurate) where !child.is(TokenSyntax.self) {
      if let found = lastAssignment(of: names, in: child) { last = max(last ?? 0, found) }
    }
    return last
  }

  /// The first call `self.init(…)` or `super.init(…)`.
  private static func call(of base: String, in node: Syntax) -> FunctionCallExprSyntax? {
    if let call = node.as(FunctionCallExprSyntax.self),
      let member = call.calledExpression.as(MemberAccessExprSyntax.self), member.declName.baseName.text == "init",
      member.base?.trimmedDescription == base
    {
      return call
    }
    for child in node.children(viewMode: .sourceAccurate) where !child.is(TokenSyntax.self) {
      if let found = call(of: base, in: child) { return found }
    }
    return nil
  }
}

#endif
