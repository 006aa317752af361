// SPDX-License-Identifier: Apache-2.0
//
// The rule `lock-in-struct`. It reads only declarations and bodies of structs.

#if Scanner

import SwiftSyntax

/// A struct that locks inside its own mutating methods.
enum LockInStruct: Rule {
  static let descriptor = RuleDescriptor(
    id: "lock-in-struct", severity: .warning,
    summary: "A struct keeps a lock beside its collection, locks inside mutating methods, and is kept in a variable.",
    rationale: """
      A mutating method has exclusive access to the whole variable before its first line runs, and so before the lock is \
      taken: two threads already overlap in the variable. And a copy of the struct shares the lock or has another one, \
      but never the collection.
      """,
    badExample: """
      import Foundation

      struct Table {
        private let lock = NSLock()
        private var rows: [Int: String] = [:]

        mutating func set(_ id: Int, _ row: String) {
          lock.lock()
          defer { lock.unlock() }
          rows[id] = row
        }
      }

      final class Store {
        private var table = Table()

        func set(_ id: Int, _ row: String) {
          table.set(id, row)
        }
      }
      """,
    goodExample: """
      import Foundation

      final class Table {
        private let lock = NSLock()
        private var rows: [Int: String] = [:]

        func set(_ id: Int, _ row: String) {
          lock.lock()
          defer { lock.unlock() }
          rows[id] = row
        }
      }

      final class Store {
        private let table = Table()

        func set(_ id: Int, _ row: String) {
          table.set(id, row)
        }
      }
      """,
    limits: """
      Reported once a struct, when a property of a class, a static member or a global of the module keeps it in a `var` \
      that no actor isolates. Noncopyable structs are left alone.
      """)

  static func findings(_ context: RuleContext) -> [Finding] {
    let index = context.index
    return index.types.compactMap { type -> Finding? in
      guard type.kind == .structType, !type.isNoncopyable, index.holdsCollection(type.name) else { return nil }
      guard let lock = type.variables.map({ index.variables[$0] }).first(where: { isLock($0.type) && !$0.isStatic }),
        type.functions.contains(where: { locks(index.functions[$0], lock.name) }),
        let keeper = index.variables.first(where: { keeps($0, type, index) })
      else { return nil }
      let source = context.sources[lock.file]
      return Finding(
        rule: descriptor.id, severity: descriptor.severity,
        message:
          "the struct '\(type.name)' locks '\(lock.name)' inside its mutating methods, after the access to the "
          + "variable that holds it has begun",
        symbol: type.name, function: "", place: source.place(lock.nameOffset, lock.nameEnd),
        related: [
          RelatedPlace(
            place: context.sources[keeper.file].place(keeper.nameOffset, keeper.nameEnd),
            label: "kept in the variable '\(keeper.symbol)'")
        ], fingerprint: "")
    }
  }

  private static func isLock(_ type: KnownType) -> Bool {
    if case .lock = type { return true }
    if case .queue(let kind) = type { return kind == .serial || kind == .concurrent }
    return false
  }

  private static func locks(_ function: FunctionDeclaration, _ lock: String) -> Bool {
    guard function.isMutating || function.kind == .setter || function.kind == .modify else { return false }
    return function.body.trimmedDescription.contains(lock)
  }

  private static func keeps(_ variable: VariableDeclaration, _ type: TypeDeclaration, _ index: ModuleIndex) -> Bool {
    guard variable.isStored, !variable.isLet, case .named(let name) = variable.type,
      name == type.name, variable.globalActor == nil
    else { return false }
    guard let owner = variable.owner, !variable.isStatic else { return true }
    return index.type(named: owner)?.kind == .classType && index.isolation(of: owner) == nil
  }
}

#endif
