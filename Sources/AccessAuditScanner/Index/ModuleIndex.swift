// SPDX-License-Identifier: Apache-2.0
//
// The linked declarations of one module: extensions merged, names resolved, initial values typed.
// Immutable after its initialiser.

#if Scanner

import SwiftSyntax

/// The linked declarations of a module.
final class ModuleIndex: Sendable {
  let types: [TypeDeclaration]
  let variables: [VariableDeclaration]
  let functions: [FunctionDeclaration]

  private let typeByName: [String: Int]
  private let typeBySimpleName: [String: Int]
  private let memberVariables: [String: [Int]]
  private let memberFunctions: [String: [Int]]
  private let globalVariables: [String: Int]
  private let globalFunctions: [String: [Int]]
  private let aliases: [String: KnownType]
  private let globalActorNames: Set<String>
  /// Locks, queues and similar types of the system that the module extends.
  private let extendedSystemTypes: [String]
  /// Names that some file limits to one operation at a time.
  let serialOperationQueues: Set<String>

  /// Links the declarations of a module's files.
  ///
  /// - Complexity: O(*n*) in the number of declarations.
  init(files: [FileDeclarations], serialOperationQueues: Set<String>) {
    var linker = Linker()
    for file in files { linker.add(file) }
    linker.finish()
    types = linker.types
    variables = linker.variables
    functions = linker.functions
    typeByName = linker.typeByName
    typeBySimpleName = linker.typeBySimpleName
    memberVariables = linker.memberVariables
    memberFunctions = linker.memberFunctions
    globalVariables = linker.globalVariables
    globalFunctions = linker.globalFunctions
    aliases = linker.aliases
    globalActorNames = linker.globalActorNames
    extendedSystemTypes = linker.types.filter { $0.kind == .unknown }.map(\.name).sorted()
    self.serialOperationQueues = serialOperationQueues
  }

  /// The type of that name as seen from inside `context`.
  func type(named name: String, from context: String? = nil) -> TypeDeclaration? {
    var scope = context
    while let current = scope {
      if let id = typeByName["\(current).\(name)"] { return types[id] }
      scope = current.lastIndex(of: ".").map { String(current[..<$0]) }
    }
    if let id = typeByName[name] ?? typeBySimpleName[name] { return types[id] }
    return nil
  }

  /// A type with its aliases replaced.
  func resolve(_ type: KnownType) -> KnownType {
    if case .named(let name) = type, let alias = aliases[name], typeByName[name] == nil { return alias }
    return type
  }

  /// The names of a type and of its superclasses in the module.
  func ancestry(of name: String) -> [String] {
    var names = [name]
    var current = type(named: name)
    while let type = current, names.count < 20 {
      if names[0] != type.name, names.count == 1 { names[0] = type.name }
      guard
        let parent = type.inherited.lazy.compactMap({ self.type(named: $0, from: type.name) }).first(where: {
          $0.kind == .classType && !names.contains($0.name)
        })
      else { break }
      names.append(parent.name)
      current = parent
    }
    return names
  }

  /// The variable `name` of a type or its superclasses.
  func variable(_ name: String, in owner: String, isStatic: Bool? = nil) -> VariableDeclaration? {
    for type in ancestry(of: owner) {
      guard let ids = memberVariables["\(type).\(name)"] else { continue }
      if let isStatic {
        if let id = ids.first(where: { variables[$0].isStatic == isStatic }) { return variables[id] }
      } else if let id = ids.first(where: { !variables[$0].isStatic }) ?? ids.first {
        return variables[id]
      }
    }
    return nil
  }

  func globalVariable(_ name: String) -> VariableDeclaration? { globalVariables[name].map { variables[$0] } }

  /// The functions `name` of a type or its superclasses; accessors are not functions.
  func functions(_ name: String, in owner: String) -> [FunctionDeclaration] {
    for type in ancestry(of: owner) {
      if let ids = memberFunctions["\(type).\(name)"] { return ids.map { functions[$0] } }
    }
    return []
  }

  /// The accessors of the computed variable or subscript `name`.
  func accessors(_ name: String, in owner: String) -> [FunctionDeclaration] {
    functions("accessor:\(name)", in: owner)
  }

  /// The functions `name` that extensions in the module add to any of the types.
  func extensionFunctions(_ name: String, of owners: Set<String>) -> [FunctionDeclaration] {
    for owner in extendedSystemTypes where owners.contains(owner) {
      if let ids = memberFunctions["\(owner).\(name)"] { return ids.map { functions[$0] } }
    }
    return []
  }

  func globalFunctions(_ name: String) -> [FunctionDeclaration] {
    (globalFunctions[name] ?? []).map { functions[$0] }
  }

  /// The isolation that members inherit from their type: the actor itself, or a global actor.
  func isolation(of name: String) -> String? {
    for ancestor in ancestry(of: name) {
      guard let type = type(named: ancestor) else { continue }
      if type.kind == .actorType { return "actor \(type.name)" }
      if let actor = type.attributes.first(where: { globalActorNames.contains($0) || $0.hasSuffix("Actor") }) {
        return actor
      }
      if type.kind != .protocolType,
        let system = type.inherited.first(where: { TypeNames.mainActorTypes.contains($0) })
      {
        return system.isEmpty ? nil : "MainActor"
      }
      for inherited in type.inherited {
        if let parent = self.type(named: inherited), parent.kind == .protocolType, let actor = parent.globalActor {
          return actor
        }
      }
    }
    return nil
  }

  /// True when the struct stores a collection in a variable.
  func holdsCollection(_ name: String) -> Bool {
    guard let type = type(named: name), type.kind == .structType else { return false }
    return type.variables.contains { id in
      let variable = variables[id]
      guard variable.isStored, !variable.isStatic, !variable.isLet else { return false }
      if case .collection = variable.type { return true }
      return false
    }
  }
}

/// Gathers declarations; used once.
private struct Linker {
  var types: [TypeDeclaration] = []
  var variables: [VariableDeclaration] = []
  var functions: [FunctionDeclaration] = []
  var typeByName: [String: Int] = [:]
  var typeBySimpleName: [String: Int] = [:]
  var memberVariables: [String: [Int]] = [:]
  var memberFunctions: [String: [Int]] = [:]
  var globalVariables: [String: Int] = [:]
  var globalFunctions: [String: [Int]] = [:]
  var aliases: [String: KnownType] = [:]
  var globalActorNames: Set<String> = []

  mutating func add(_ file: FileDeclarations) {
    for type in file.types { add(type) }
    variables += file.variables
    functions += file.functions
    for (name, type) in file.typealiases { aliases[name] = TypeNames.known(type) }
  }

  private mutating func add(_ type: TypeDeclaration) {
    guard let known = typeByName[type.name] else {
      typeByName[type.name] = types.count
      types.append(type)
      return
    }
    // One of the two is the declaration, the other is an extension.
    var merged = types[known].kind == .unknown ? type : types[known]
    let other = types[known].kind == .unknown ? types[known] : type
    merged.inherited += other.inherited
    merged.isUncheckedSendable = merged.isUncheckedSendable || other.isUncheckedSendable
    types[known] = merged
  }

  mutating func finish() {
    for (index, type) in types.enumerated() {
      let simple = type.name.split(separator: ".").last.map(String.init) ?? type.name
      if let other = typeBySimpleName[simple], types[other].kind != .unknown { continue }
      typeBySimpleName[simple] = index
      if type.attributes.contains("globalActor") { globalActorNames.insert(simple) }
    }
    for index in variables.indices {
      variables[index].id = index
      variables[index].owner = variables[index].owner.map(canonical)
      if let annotation = variables[index].annotation {
        variables[index].type = TypeNames.known(annotation)
        refineQueue(index)
      } else if let initializer = variables[index].initializer {
        variables[index].type = TypeNames.known(initializer)
      }
      if case .named(let name) = variables[index].type, let alias = aliases[name], typeByName[name] == nil {
        variables[index].type = alias
      }
      if let owner = variables[index].owner {
        memberVariables["\(owner).\(variables[index].name)", default: []].append(index)
        if let type = typeByName[owner] { types[type].variables.append(index) }
      } else {
        globalVariables[variables[index].name] = index
      }
    }
    inferFromMembers()
    inferFromInitializers()
    for index in functions.indices {
      functions[index].id = index
      functions[index].owner = functions[index].owner.map(canonical)
      let function = functions[index]
      let name = function.accessorOf.map { "accessor:\($0)" } ?? function.name
      if let owner = function.owner {
        memberFunctions["\(owner).\(name)", default: []].append(index)
        if let type = typeByName[owner] { types[type].functions.append(index) }
      } else {
        globalFunctions[name, default: []].append(index)
      }
    }
  }

  /// Sets the kind of an annotated queue, which only the initial value shows.
  private mutating func refineQueue(_ index: Int) {
    guard let initializer = variables[index].initializer else { return }
    switch variables[index].type {
    case .queue, .lock(.semaphore): variables[index].type = TypeNames.known(initializer)
    default: break
    }
  }

  /// `let cache = Cache.shared`: the type of another type's variable.
  private mutating func inferFromMembers() {
    for index in variables.indices where variables[index].type == .unknown {
      guard let member = variables[index].initializer?.as(MemberAccessExprSyntax.self),
        let base = member.base?.as(DeclReferenceExprSyntax.self)
      else { continue }
      let ids = memberVariables["\(canonical(base.baseName.text)).\(member.declName.baseName.text)"] ?? []
      if let id = ids.first { variables[index].type = variables[id].type }
    }
  }

  /// Sets the kind of a queue that is only annotated from `queue = DispatchQueue(label: …)` in
  /// an initialiser.
  private mutating func inferFromInitializers() {
    for function in functions where function.kind == .initializer {
      guard let owner = function.owner.map(canonical) else { continue }
      for item in function.body {
        guard let sequence = item.item.as(SequenceExprSyntax.self) else { continue }
        let elements = Array(sequence.elements)
        guard elements.count == 3, elements[1].is(AssignmentExprSyntax.self) else { continue }
        var name = elements[0].trimmedDescription
        if name.hasPrefix("self.") { name.removeFirst(5) }
        guard let index = memberVariables["\(owner).\(name)"]?.first else { continue }
        switch (variables[index].type, TypeNames.known(elements[2])) {
        case (.queue(.unknown), .queue(let kind)): variables[index].type = .queue(kind)
        case (.lock(.semaphore), .lock(.semaphore(let permits))):
          variables[index].type = .lock(.semaphore(permits: permits))
        default: break
        }
      }
    }
  }

  /// The qualified name behind a simple one, when only one type has it.
  private func canonical(_ name: String) -> String {
    if typeByName[name].map({ types[$0].kind != .unknown }) ?? false { return name }
    if let id = typeBySimpleName[name], types[id].kind != .unknown { return types[id].name }
    return name
  }
}

#endif
