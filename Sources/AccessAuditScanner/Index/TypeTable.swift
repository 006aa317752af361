// SPDX-License-Identifier: Apache-2.0
//
// Looks types up as the compiler does: from the innermost scope outwards, by generic parameters,
// nested types, inherited ones and aliases. Names only; nothing here walks syntax.

#if Scanner

/// The place that a type's name is written at.
struct TypeScope: Sendable {
  /// The type around it, qualified.
  var owner: String?
  var file: Int
  /// Generic parameters of the function around it.
  var generics: Set<String> = []
}

/// The types and aliases of a module, by qualified names.
struct TypeTable: Sendable {
  /// An alias and where it is declared.
  struct Alias: Sendable {
    var type: KnownType
    var scope: TypeScope
  }

  /// The meaning of a name.
  private enum Meaning {
    case type(String)
    case alias(Alias)
    case generic
  }

  var types: [TypeDeclaration] = []
  var byName: [String: Int] = [:]
  var aliases: [String: Alias] = [:]

  /// A type that is private to its file, when another file has one of the same name.
  static func hidden(_ name: String, _ file: Int) -> String { "\(name)@\(file)" }

  /// A qualified name as the source spells it.
  static func shown(_ name: String) -> String {
    guard name.contains("@") else { return name }
    return name.split(separator: ".").map { String($0.prefix { $0 != "@" }) }.joined(separator: ".")
  }

  /// The type with its names qualified and its aliases replaced.
  func resolve(_ type: KnownType, _ scope: TypeScope, depth: Int = 0) -> KnownType {
    switch type {
    case .collection(let kind, let element): return .collection(kind, element: resolve(element, scope, depth: depth))
    case .named(let name):
      switch meaning(name, scope, depth) {
      case .type(let qualified): return .named(qualified)
      case .alias(let alias): return depth < 16 ? resolve(alias.type, alias.scope, depth: depth + 1) : .unknown
      case .generic: return .unknown
      case nil: return type
      }
    default: return type
    }
  }

  /// The qualified name of a type as seen from a scope; `nil` for one that the module does not
  /// declare.
  func qualified(_ name: String, _ scope: TypeScope) -> String? {
    if case .named(let found) = resolve(.named(name), scope), byName[found] != nil { return found }
    return nil
  }

  private func meaning(_ name: String, _ scope: TypeScope, _ depth: Int) -> Meaning? {
    guard name.contains(".") else { return first(name, scope, depth) }
    var parts = name.split(separator: ".").map(String.init)
    // Broken source may spell a name that begins or ends with a dot.
    guard parts.count > 1 else { return nil }
    guard var found = first(parts[0], scope, depth) else {
      // The name of a module.
      parts.removeFirst()
      return first(parts[0], TypeScope(owner: nil, file: scope.file), depth).flatMap {
        member(parts.dropFirst(), of: $0, depth)
      }
    }
    if parts[0] == "Self", let owner = scope.owner { found = .type(owner) }
    return member(parts.dropFirst(), of: found, depth)
  }

  private func member(_ parts: ArraySlice<String>, of start: Meaning, _ depth: Int) -> Meaning? {
    var found = start
    for part in parts {
      if case .alias(let alias) = found {
        guard depth < 16, case .named(let name) = resolve(alias.type, alias.scope, depth: depth + 1) else {
          return .generic
        }
        found = .type(name)
      }
      guard case .type(let owner) = found else { return .generic }
      guard let next = nested(part, in: owner, depth) else { return nil }
      found = next
    }
    return found
  }

  /// The meaning of a name without dots.
  private func first(_ name: String, _ scope: TypeScope, _ depth: Int) -> Meaning? {
    if scope.generics.contains(name) { return .generic }
    var owner = scope.owner
    if name == "Self" { return owner.map { .type($0) } }
    while let current = owner {
      if let id = byName[current], types[id].generics.contains(name) { return .generic }
      if let found = nested(name, in: current, depth) { return found }
      owner = current.lastIndex(of: ".").map { String(current[..<$0]) }
    }
    return declared(TypeTable.hidden(name, scope.file)) ?? declared(name)
  }

  private func declared(_ name: String) -> Meaning? {
    if byName[name] != nil { return .type(name) }
    return aliases[name].map { .alias($0) }
  }

  /// A type inside another, or inside one that it inherits from.
  private func nested(_ name: String, in owner: String, _ depth: Int) -> Meaning? {
    if let found = declared("\(owner).\(name)") { return found }
    guard depth < 8, let id = byName[owner] else { return nil }
    let outer = owner.lastIndex(of: ".").map { String(owner[..<$0]) }
    for parent in types[id].inherited where parent != name {
      guard case .type(let qualified)? = meaning(parent, TypeScope(owner: outer, file: types[id].file), depth + 1),
        qualified != owner, types[byName[qualified] ?? id].kind != .protocolType,
        let found = nested(name, in: qualified, depth + 1)
      else { continue }
      return found
    }
    return nil
  }
}

#endif
