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

  private let table: TypeTable
  private let memberVariables: [String: [Int]]
  private let memberFunctions: [String: [Int]]
  private let globalVariables: [String: Int]
  private let globalFunctions: [String: [Int]]
  private let globalActorNames: Set<String>
  /// Locks, queues and similar types of the system that the module extends.
  private let extendedSystemTypes: [String]
  /// Names that some file limits to one operation at a time.
  let serialOperationQueues: Set<String>
  /// Members that the package adds to collections.
  let extensions: CollectionExtensions
  /// The queues of each type that its module gives to other code.
  private let handedQueues: [String: [VariableDeclaration]]
  /// The names of variables that store collections.
  let collectionNames: Set<String>

  /// Links the declarations of a module's files.
  ///
  /// - Complexity: O(*n*) in the number of declarations.
  init(files: [FileDeclarations], serialOperationQueues: Set<String>, extensions: CollectionExtensions = .init()) {
    var linker = Linker()
    linker.add(files)
    linker.finish()
    types = linker.table.types
    table = linker.table
    variables = linker.variables
    functions = linker.functions
    memberVariables = linker.memberVariables
    memberFunctions = linker.memberFunctions
    globalVariables = linker.globalVariables
    globalFunctions = linker.globalFunctions
    globalActorNames = linker.globalActorNames
    extendedSystemTypes = linker.table.types.filter { $0.kind == .unknown }.map(\.name).sorted()
    self.serialOperationQueues = serialOperationQueues
    var all = extensions
    all.add(linker.functions)
    self.extensions = all
    let handed = files.reduce(into: Set<String>()) { $0.formUnion($1.handedQueues) }
    handedQueues = Dictionary(
      grouping: linker.variables.lazy.filter {
        if case .queue = $0.type, $0.owner != nil, !$0.isStatic { handed.contains($0.name) } else { false }
      }, by: { $0.owner ?? "" })
    collectionNames = Set(
      linker.variables.lazy.filter { if case .collection = $0.type { $0.isStored } else { false } }.map(\.name))
  }

  /// The type of that qualified name.
  func type(named name: String) -> TypeDeclaration? { table.byName[name].map { types[$0] } }

  /// The type of that name as seen from a scope.
  func type(named name: String, from scope: TypeScope) -> TypeDeclaration? {
    table.qualified(name, scope).flatMap { type(named: $0) }
  }

  /// The type of that name in another type's list of inherited types.
  func type(named name: String, inheritedBy type: TypeDeclaration) -> TypeDeclaration? {
    let outer = type.name.lastIndex(of: ".").map { String(type.name[..<$0]) }
    return self.type(named: name, from: TypeScope(owner: outer, file: type.file, generics: type.generics))
  }

  /// A type with its names qualified and its aliases replaced.
  func resolve(_ type: KnownType, _ scope: TypeScope) -> KnownType { table.resolve(type, scope) }

  /// The names of a type and of its superclasses in the module.
  func ancestry(of name: String) -> [String] {
    var names = [name]
    var current = type(named: name)
    while let type = current, names.count < 20 {
      if names[0] != type.name, names.count == 1 { names[0] = type.name }
      guard
        let parent = type.inherited.lazy.compactMap({ self.type(named: $0, inheritedBy: type) }).first(where: {
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

  /// The only queue of a type that its module gives to other code, so that completions come back on
  /// it.
  func handedQueue(of owner: String) -> VariableDeclaration? {
    guard let queues = handedQueues[owner], queues.count == 1 else { return nil }
    return queues[0]
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
        if let parent = self.type(named: inherited, inheritedBy: type), parent.kind == .protocolType,
          let actor = parent.globalActor
        {
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
  var table = TypeTable()
  var variables: [VariableDeclaration] = []
  var functions: [FunctionDeclaration] = []
  var memberVariables: [String: [Int]] = [:]
  var memberFunctions: [String: [Int]] = [:]
  var globalVariables: [String: Int] = [:]
  var globalFunctions: [String: [Int]] = [:]
  var globalActorNames: Set<String> = []

  /// Adds all files. Types that are private to their file and have namesakes get a name of their
  /// own.
  mutating func add(_ files: [FileDeclarations]) {
    var homes: [String: Set<Int>] = [:]
    for (number, file) in files.enumerated() {
      for type in file.types where type.kind != .unknown && !type.name.contains(".") {
        homes[type.name, default: []].insert(number)
      }
    }
    for (number, file) in files.enumerated() {
      let hidden = Set(
        file.types.lazy.filter { $0.isPrivate && (homes[$0.name]?.count ?? 0) > 1 }.map(\.name))
      add(hidden.isEmpty ? file : Linker.hide(hidden, in: file, number), number)
    }
  }

  private static func hide(_ names: Set<String>, in file: FileDeclarations, _ number: Int) -> FileDeclarations {
    func renamed(_ name: String) -> String {
      let root = name.prefix { $0 != "." }
      return names.contains(String(root)) ? TypeTable.hidden(String(root), number) + name.dropFirst(root.count) : name
    }
    var file = file
    for index in file.types.indices { file.types[index].name = renamed(file.types[index].name) }
    for index in file.variables.indices { file.variables[index].owner = file.variables[index].owner.map(renamed) }
    for index in file.functions.indices { file.functions[index].owner = file.functions[index].owner.map(renamed) }
    file.typealiases = Dictionary(
      file.typealiases.map { ($0.key.contains(".") ? renamed($0.key) : $0.key, $0.value) }, uniquingKeysWith: { $1 })
    return file
  }

  private mutating func add(_ file: FileDeclarations, _ number: Int) {
    for type in file.types { add(type) }
    variables += file.variables
    functions += file.functions
    for (name, type) in file.typealiases {
      let owner = name.lastIndex(of: ".").map { String(name[..<$0]) }
      table.aliases[name] = TypeTable.Alias(
        type: TypeNames.known(type), scope: TypeScope(owner: owner, file: number))
    }
  }

  private mutating func add(_ type: TypeDeclaration) {
    guard let known = table.byName[type.name] else {
      table.byName[type.name] = table.types.count
      table.types.append(type)
      return
    }
    // One of the two is the declaration, the other is an extension.
    var merged = table.types[known].kind == .unknown ? type : table.types[known]
    let other = table.types[known].kind == .unknown ? table.types[known] : type
    merged.inherited += other.inherited
    merged.generics.formUnion(other.generics)
    merged.isUncheckedSendable = merged.isUncheckedSendable || other.isUncheckedSendable
    table.types[known] = merged
  }

  mutating func finish() {
    for type in table.types where type.attributes.contains("globalActor") {
      globalActorNames.insert(type.name.split(separator: ".").last.map(String.init) ?? type.name)
    }
    for index in variables.indices {
      variables[index].id = index
      variables[index].owner = variables[index].owner.map { canonical($0, variables[index].file) }
      if let annotation = variables[index].annotation {
        variables[index].type = TypeNames.known(annotation)
        refineQueue(index)
      } else if let initializer = variables[index].initializer {
        variables[index].type = TypeNames.known(initializer)
      }
      variables[index].type = table.resolve(variables[index].type, variables[index].scope)
      if let owner = variables[index].owner {
        memberVariables["\(owner).\(variables[index].name)", default: []].append(index)
        if let type = table.byName[owner] { table.types[type].variables.append(index) }
      } else {
        globalVariables[variables[index].name] = index
      }
    }
    inferFromMembers()
    inferFromInitializers()
    for index in functions.indices {
      functions[index].id = index
      functions[index].owner = functions[index].owner.map { canonical($0, functions[index].file) }
      let function = functions[index]
      for position in function.parameters.indices {
        functions[index].parameters[position].type = table.resolve(
          function.parameters[position].type, function.scope)
      }
      let name = function.accessorOf.map { "accessor:\($0)" } ?? function.name
      if let owner = function.owner {
        memberFunctions["\(owner).\(name)", default: []].append(index)
        if let type = table.byName[owner] { table.types[type].functions.append(index) }
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
      let owner = table.qualified(base.baseName.text, variables[index].scope) ?? base.baseName.text
      let ids = memberVariables["\(owner).\(member.declName.baseName.text)"] ?? []
      if let id = ids.first { variables[index].type = variables[id].type }
    }
  }

  /// Sets the kind of a queue that is only annotated from `queue = DispatchQueue(label: …)` in
  /// an initialiser.
  private mutating func inferFromInitializers() {
    for function in functions where function.kind == .initializer {
      guard let owner = function.owner.map({ canonical($0, function.file) }) else { continue }
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

  /// The qualified name of an extended type; the name itself for a type of another module.
  private func canonical(_ name: String, _ file: Int) -> String {
    if table.byName[name].map({ table.types[$0].kind != .unknown }) ?? false { return name }
    return table.qualified(name, TypeScope(owner: nil, file: file)) ?? name
  }
}

#endif
