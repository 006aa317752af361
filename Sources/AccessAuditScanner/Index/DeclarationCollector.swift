// SPDX-License-Identifier: Apache-2.0
//
// Collects the declarations of one file: types, extensions, variables, functions. Bodies are kept,
// not walked.

#if Scanner

import SwiftSyntax

/// The declarations of one file.
struct FileDeclarations: Sendable {
  var types: [TypeDeclaration] = []
  var variables: [VariableDeclaration] = []
  var functions: [FunctionDeclaration] = []
  /// Aliases by their qualified names.
  var typealiases: [String: TypeSyntax] = [:]
  /// Names of queues that are given to other code, as arguments or by assignment.
  var handedQueues: Set<String> = []
}

/// Walks the declarations of one file.
struct DeclarationCollector {
  let file: Int
  private(set) var result = FileDeclarations()

  init(file: Int) { self.file = file }

  /// The surroundings of a declaration.
  private struct Surroundings {
    var owner: String?
    var isPublic = false
    var globalActor: String?
    var depth = 0
  }

  /// Collects the whole file.
  ///
  /// - Complexity: O(*n*) in the number of declarations.
  mutating func collect(_ tree: SourceFileSyntax) {
    let surroundings = Surroundings()
    var hasTopLevelCode = false
    for item in tree.statements {
      switch item.item {
      case .decl(let declaration): collect(declaration, surroundings)
      case .expr, .stmt: hasTopLevelCode = true
      }
    }
    if hasTopLevelCode {
      result.functions.append(
        FunctionDeclaration(
          name: "", owner: nil, file: file, kind: .topLevel, body: tree.statements, nameOffset: 0))
    }
  }

  private mutating func collect(_ declaration: DeclSyntax, _ surroundings: Surroundings) {
    guard surroundings.depth < 200 else { return }
    switch declaration.as(DeclSyntaxEnum.self) {
    case .classDecl(let node):
      nominal(node, node.name, .classType, node.inheritanceClause, node.memberBlock, surroundings)
    case .structDecl(let node):
      nominal(node, node.name, .structType, node.inheritanceClause, node.memberBlock, surroundings)
    case .enumDecl(let node):
      nominal(node, node.name, .enumType, node.inheritanceClause, node.memberBlock, surroundings)
    case .actorDecl(let node):
      nominal(node, node.name, .actorType, node.inheritanceClause, node.memberBlock, surroundings)
    case .protocolDecl(let node):
      nominal(node, node.name, .protocolType, node.inheritanceClause, node.memberBlock, surroundings)
    case .extensionDecl(let node): collectExtension(node, surroundings)
    case .variableDecl(let node): collectVariables(node, surroundings)
    case .functionDecl(let node): collectFunction(node, surroundings)
    case .initializerDecl(let node):
      guard let body = node.body else { return }
      var function = FunctionDeclaration(
        name: "init", owner: surroundings.owner, file: file, kind: .initializer, body: body.statements,
        nameOffset: offset(node.initKeyword))
      apply(node.modifiers, node.attributes, surroundings, to: &function)
      function.generics = genericNames(node.genericParameterClause)
      function.parameters = parameters(node.signature.parameterClause)
      result.functions.append(function)
    case .deinitializerDecl(let node):
      guard let body = node.body else { return }
      var function = FunctionDeclaration(
        name: "deinit", owner: surroundings.owner, file: file, kind: .deinitializer, body: body.statements,
        nameOffset: offset(node.deinitKeyword))
      apply(node.modifiers, node.attributes, surroundings, to: &function)
      result.functions.append(function)
    case .subscriptDecl(let node): collectSubscript(node, surroundings)
    case .typeAliasDecl(let node):
      let name = surroundings.owner.map { "\($0).\(node.name.text)" } ?? node.name.text
      result.typealiases[name] = node.initializer.value
    case .associatedTypeDecl(let node):
      if let owner = result.types.lastIndex(where: { $0.name == surroundings.owner }) {
        result.types[owner].generics.insert(node.name.text)
      }
    case .ifConfigDecl(let node):
      for clause in node.clauses {
        switch clause.elements {
        case .decls(let members): for member in members { collect(member.decl, surroundings) }
        case .statements(let items):
          for item in items { if case .decl(let inner) = item.item { collect(inner, surroundings) } }
        default: break
        }
      }
    default: break
    }
  }

  private mutating func nominal(
    _ node: some DeclGroupSyntax, _ name: TokenSyntax, _ kind: NominalKind, _ inheritance: InheritanceClauseSyntax?,
    _ members: MemberBlockSyntax, _ surroundings: Surroundings
  ) {
    let qualified = surroundings.owner.map { "\($0).\(name.text)" } ?? name.text
    var type = TypeDeclaration(
      name: qualified, kind: kind, file: file, nameOffset: offset(name), nameEnd: end(name))
    type.attributes = attributeNames(node.attributes)
    inherit(inheritance, into: &type)
    type.globalActor = globalActor(type.attributes)
    type.generics = genericNames(node.asProtocol((any WithGenericParametersSyntax).self)?.genericParameterClause)
    type.confinement = Agreements.confinement(node.leadingTrivia)
    type.isPrivate = node.modifiers.contains { ["private", "fileprivate"].contains($0.name.text) }
    result.types.append(type)
    var inner = surroundings
    inner.owner = qualified
    inner.isPublic = isPublic(node.modifiers)
    inner.globalActor = nil
    inner.depth += 1
    for member in members.members { collect(member.decl, inner) }
  }

  private mutating func collectExtension(_ node: ExtensionDeclSyntax, _ surroundings: Surroundings) {
    let name = plainName(node.extendedType)
    var type = TypeDeclaration(name: name, kind: .unknown, file: file, nameOffset: 0, nameEnd: 0)
    inherit(node.inheritanceClause, into: &type)
    result.types.append(type)
    var inner = surroundings
    inner.owner = name
    inner.isPublic = isPublic(node.modifiers)
    inner.globalActor = globalActor(attributeNames(node.attributes))
    inner.depth += 1
    for member in node.memberBlock.members { collect(member.decl, inner) }
  }

  private func inherit(_ clause: InheritanceClauseSyntax?, into type: inout TypeDeclaration) {
    guard let clause else { return }
    for inherited in clause.inheritedTypes {
      let text = inherited.type.trimmedDescription
      if text.contains("@unchecked"), text.contains("Sendable") { type.isUncheckedSendable = true }
      if text.hasPrefix("~"), text.contains("Copyable") { type.isNoncopyable = true }
      // `@unchecked Sendable`, `@preconcurrency Delegate`: the protocol is what stands behind.
      let named = inherited.type.as(AttributedTypeSyntax.self)?.baseType ?? inherited.type
      if let identifier = named.as(IdentifierTypeSyntax.self) {
        type.inherited.append(identifier.name.text)
      } else {
        type.inherited.append(named.trimmedDescription)
      }
    }
  }

  private mutating func collectVariables(_ node: VariableDeclSyntax, _ surroundings: Surroundings) {
    let attributes = attributeNames(node.attributes)
    let modifiers = Set(node.modifiers.map(\.name.text))
    for binding in node.bindings {
      guard let pattern = binding.pattern.as(IdentifierPatternSyntax.self) else { continue }
      var variable = VariableDeclaration(
        name: pattern.identifier.text, owner: surroundings.owner, file: file, nameOffset: offset(pattern.identifier),
        nameEnd: end(pattern.identifier))
      variable.isStatic = modifiers.contains("static") || modifiers.contains("class")
      variable.isLet = node.bindingSpecifier.text == "let"
      variable.isLazy = modifiers.contains("lazy")
      variable.isPrivate = modifiers.contains("private") || modifiers.contains("fileprivate")
      variable.isPublic = surroundings.isPublic && isPublic(node.modifiers)
      for modifier in node.modifiers where modifier.name.text == "nonisolated" {
        variable.isNonisolated = true
        if modifier.detail?.detail.text == "unsafe" { variable.isNonisolatedUnsafe = true }
      }
      variable.confinement = Agreements.confinement(node.leadingTrivia)
      variable.attributes = attributes
      variable.globalActor = globalActor(attributes) ?? surroundings.globalActor
      variable.annotation = binding.typeAnnotation?.type
      variable.initializer = binding.initializer?.value
      variable.binding = binding
      if let accessors = binding.accessorBlock { collectAccessors(accessors, of: &variable, node, surroundings) }
      result.variables.append(variable)
      // An initial value that is a stored closure, or a closure called at once, counts as a
      // separate function.
    }
  }

  private mutating func collectAccessors(
    _ block: AccessorBlockSyntax, of variable: inout VariableDeclaration, _ node: VariableDeclSyntax,
    _ surroundings: Surroundings
  ) {
    var function = FunctionDeclaration(
      name: variable.name, owner: surroundings.owner, file: file, kind: .getter, body: CodeBlockItemListSyntax([]),
      nameOffset: variable.nameOffset)
    apply(node.modifiers, node.attributes, surroundings, to: &function)
    function.accessorOf = variable.name
    switch block.accessors {
    case .getter(let items):
      variable.isStored = false
      function.body = items
      result.functions.append(function)
    case .accessors(let accessors):
      addAccessors(accessors, function, &variable)
    }
  }

  private mutating func addAccessors(
    _ accessors: AccessorDeclListSyntax, _ model: FunctionDeclaration, _ variable: inout VariableDeclaration
  ) {
    for accessor in accessors {
      guard let body = accessor.body else { continue }
      var function = model
      function.body = body.statements
      switch accessor.accessorSpecifier.text {
      case "get", "_read", "read", "unsafeAddress":
        function.kind = .getter
        variable.isStored = false
      case "set":
        function.kind = .setter
        variable.isStored = false
      case "_modify", "modify", "unsafeMutableAddress":
        function.kind = .modify
        variable.isStored = false
      case "didSet", "willSet":
        function.kind = .observer
        variable.hasObservers = true
      default: function.kind = .initializer
      }
      result.functions.append(function)
    }
  }

  private mutating func collectSubscript(_ node: SubscriptDeclSyntax, _ surroundings: Surroundings) {
    guard let block = node.accessorBlock else { return }
    var function = FunctionDeclaration(
      name: "subscript", owner: surroundings.owner, file: file, kind: .getter, body: CodeBlockItemListSyntax([]),
      nameOffset: offset(node.subscriptKeyword))
    apply(node.modifiers, node.attributes, surroundings, to: &function)
    function.generics = genericNames(node.genericParameterClause)
    function.parameters = parameters(node.parameterClause)
    function.accessorOf = "subscript"
    switch block.accessors {
    case .getter(let items):
      function.body = items
      result.functions.append(function)
    case .accessors(let accessors):
      var ignored = VariableDeclaration(name: "subscript", owner: nil, file: file, nameOffset: 0, nameEnd: 0)
      addAccessors(accessors, function, &ignored)
    }
  }

  private mutating func collectFunction(_ node: FunctionDeclSyntax, _ surroundings: Surroundings) {
    guard let body = node.body else { return }
    var function = FunctionDeclaration(
      name: node.name.text, owner: surroundings.owner, file: file, kind: .function, body: body.statements,
      nameOffset: offset(node.name))
    apply(node.modifiers, node.attributes, surroundings, to: &function)
    function.generics = genericNames(node.genericParameterClause)
    function.confinement = Agreements.confinement(node.leadingTrivia)
    function.isAsync = node.signature.effectSpecifiers?.asyncSpecifier != nil
    function.parameters = parameters(node.signature.parameterClause)
    result.functions.append(function)
  }

  private func apply(
    _ modifiers: DeclModifierListSyntax, _ attributes: AttributeListSyntax, _ surroundings: Surroundings,
    to function: inout FunctionDeclaration
  ) {
    for modifier in modifiers {
      switch modifier.name.text {
      case "static", "class": function.isStatic = true
      case "public", "open": function.isPublic = surroundings.owner == nil || surroundings.isPublic
      case "override": function.isOverride = true
      case "mutating": function.isMutating = true
      case "nonisolated": function.isNonisolated = true
      default: break
      }
    }
    let names = attributeNames(attributes)
    if names.contains("objc") || names.contains("IBAction") { function.isPublic = true }
    function.globalActor = globalActor(names) ?? surroundings.globalActor
  }

  private func genericNames(_ clause: GenericParameterClauseSyntax?) -> Set<String> {
    Set(clause?.parameters.map(\.name.text) ?? [])
  }

  /// The extended type's name without generic arguments: `Outer.Inner` of `Outer<Int>.Inner`.
  private func plainName(_ type: TypeSyntax) -> String {
    if let member = type.as(MemberTypeSyntax.self) {
      return "\(plainName(member.baseType)).\(member.name.text)"
    }
    if let identifier = type.as(IdentifierTypeSyntax.self) { return identifier.name.text }
    return type.trimmedDescription
  }

  private func parameters(_ clause: FunctionParameterClauseSyntax) -> [ParameterDeclaration] {
    clause.parameters.map { parameter in
      let text = parameter.type.trimmedDescription
      let type = TypeNames.known(parameter.type)
      let isFunction = type == .function
      let isOptional = parameter.type.is(OptionalTypeSyntax.self)
      return ParameterDeclaration(
        label: parameter.firstName.text, name: (parameter.secondName ?? parameter.firstName).text,
        isFunction: isFunction, isEscaping: text.contains("@escaping") || isOptional,
        isSendable: text.contains("@Sendable") || text.contains("sending "), type: type)
    }
  }

  private func isPublic(_ modifiers: DeclModifierListSyntax) -> Bool {
    modifiers.contains { ["public", "open"].contains($0.name.text) && $0.detail == nil }
  }

  private func offset(_ token: TokenSyntax) -> Int { token.positionAfterSkippingLeadingTrivia.utf8Offset }

  private func end(_ token: TokenSyntax) -> Int { token.endPositionBeforeTrailingTrivia.utf8Offset }
}

/// The names of attributes, without the at sign and arguments.
func attributeNames(_ attributes: AttributeListSyntax) -> [String] {
  attributes.compactMap { element in
    guard case .attribute(let attribute) = element else { return nil }
    if let identifier = attribute.attributeName.as(IdentifierTypeSyntax.self) { return identifier.name.text }
    return attribute.attributeName.trimmedDescription
  }
}

/// The first attribute that names a global actor: `MainActor`, or a name that ends in `Actor`.
func globalActor(_ attributes: [String]) -> String? {
  attributes.first { $0.hasSuffix("Actor") && $0 != "globalActor" }
}

#endif
