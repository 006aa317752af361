// SPDX-License-Identifier: Apache-2.0
//
// The members that the sources add to the standard collections, and whether they change them.
// Nothing here walks bodies.

#if Scanner

/// The effect of a member on the collection that it is called on.
enum MemberEffect: Sendable, Equatable {
  case reads
  case changes
}

/// Members that extensions add to collections, by name.
struct CollectionExtensions: Sendable {
  private var members: [String: MemberEffect] = [:]
  /// The types and protocols with a subscript without a label that an extension adds.
  private var subscripts: Set<String> = []

  /// The types and protocols of the standard library whose extensions apply to a kind of
  /// collection.
  private static let families: [CollectionKind: Set<String>] = {
    let common: Set<String> = ["Sequence", "Collection"]
    let ordered: Set<String> = [
      "MutableCollection", "RangeReplaceableCollection", "BidirectionalCollection", "RandomAccessCollection",
    ]
    return [
      .array: common.union(ordered).union(["Array"]), .dictionary: common.union(["Dictionary"]),
      .set: common.union(["Set", "SetAlgebra"]),
    ]
  }()

  private static let extended = families.values.reduce(into: Set<String>()) { $0.formUnion($1) }

  /// Adds the extensions among a module's functions.
  ///
  /// - Complexity: O(*n*) in the number of functions.
  mutating func add(_ functions: [FunctionDeclaration]) {
    for function in functions {
      guard let owner = function.owner, !function.isStatic else { continue }
      let name = owner.hasPrefix("Swift.") ? String(owner.dropFirst(6)) : owner
      guard CollectionExtensions.extended.contains(name) else { continue }
      if function.accessorOf == "subscript" {
        if let first = function.parameters.first, first.label == "_" || first.label == first.name {
          subscripts.insert(name)
        }
        continue
      }
      let changes: Bool
      switch function.kind {
      case .function: changes = function.isMutating
      case .getter: changes = false
      case .setter, .modify: changes = true
      default: continue
      }
      let key = "\(name).\(function.accessorOf ?? function.name)"
      if changes || members[key] == nil { members[key] = changes ? .changes : .reads }
    }
  }

  /// The effect of a member that an extension adds to that kind of collection; `nil` when none
  /// does.
  func effect(_ name: String, on kind: CollectionKind) -> MemberEffect? {
    guard !members.isEmpty else { return nil }
    var found: MemberEffect?
    for owner in CollectionExtensions.families[kind] ?? [] {
      guard let effect = members["\(owner).\(name)"] else { continue }
      if effect == .changes { return .changes }
      found = effect
    }
    return found
  }

  /// True when an extension adds a subscript without a label to that kind of collection.
  func hasSubscripts(_ kind: CollectionKind) -> Bool {
    !subscripts.isDisjoint(with: CollectionExtensions.families[kind] ?? [])
  }
}

#endif
