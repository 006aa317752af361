// SPDX-License-Identifier: Apache-2.0
//
// Lists the public members of the collections from the standard library's symbol graph, and those
// that the audited types lack.
//
//     collection-surface list Swift.symbols.json FOLDER
//     collection-surface missing AuditedCollections.symbols.json FOLDER

import Foundation

@main
enum Main {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, ["list", "missing"].contains(arguments[1]) else {
      FileHandle.standardError.write(Data("usage: collection-surface list|missing SYMBOLS FOLDER\n".utf8))
      exit(64)
    }
    let graph = try SymbolGraph(contentsOf: URL(fileURLWithPath: arguments[2]))
    let folder = URL(fileURLWithPath: arguments[3])
    for type in CollectionType.all {
      let list = folder.appendingPathComponent("\(type.name.lowercased()).txt")
      if arguments[1] == "list" {
        try (lines(of: type, in: graph).joined(separator: "\n") + "\n").write(
          to: list, atomically: true, encoding: .utf8)
      } else {
        try printMissing(type, in: graph, list: list, folder: folder)
      }
    }
  }

  /// One line per member and protocol: own or inherited, name, declaration.
  static func lines(of type: CollectionType, in graph: SymbolGraph) -> [String] {
    let members = graph.members(of: type.name).map {
      "\($0.isInherited ? "inherited" : "own") | \($0.kind.identifier) | \($0.pathComponents[1]) | \($0.declaration)"
    }
    return members.sorted() + graph.protocols(of: type.name).sorted().map { "protocol | \($0)" }
  }

  /// Prints each line of the list that the audited type does not declare and that is not an
  /// exception.
  static func printMissing(_ type: CollectionType, in graph: SymbolGraph, list: URL, folder: URL) throws {
    let own = graph.members(of: type.auditedName).filter { !$0.isInherited }
    var present = Set(own.map { MemberSignature($0, of: type) })
    // A settable member is readable too.
    for var signature in present where signature.isSettable {
      signature.isSettable = false
      present.insert(signature)
    }
    let protocols = graph.protocols(of: type.auditedName)
    let exceptions = try Set(
      text(folder.appendingPathComponent("exceptions.txt")).split(separator: "\n").filter { !$0.hasPrefix("#") }
        .map { String($0.prefix { $0 != "#" }).trimmingCharacters(in: .whitespaces) })
    var covered = 0
    for line in try text(list).split(separator: "\n") {
      let fields = line.split(separator: "|", maxSplits: 3).map { $0.trimmingCharacters(in: .whitespaces) }
      if fields[0] == "protocol" {
        let isCovered = protocols.contains(fields[1]) || exceptions.contains("\(type.name) : \(fields[1])")
        if isCovered { covered += 1 } else { print("\(type.auditedName) : \(fields[1])") }
        continue
      }
      let symbol = SymbolGraph.Symbol(
        kind: .init(identifier: fields[1]), identifier: .init(precise: ""), pathComponents: [type.name, fields[2]],
        declarationFragments: [.init(spelling: fields[3])])
      let isCovered =
        present.contains(MemberSignature(symbol, of: type)) || exceptions.contains("\(type.name).\(fields[2])")
      if isCovered { covered += 1 } else { print("\(type.auditedName).\(fields[2]) | \(fields[3])") }
    }
    print("\(type.auditedName): \(covered) covered")
  }

  static func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }
}
