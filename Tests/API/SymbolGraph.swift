// SPDX-License-Identifier: Apache-2.0
//
// The parts of a module's symbol graph that list its public members. Reads the compiler's JSON;
// judges nothing.

import Foundation

/// A module's symbol graph, as `swift symbolgraph-extract` writes it.
struct SymbolGraph: Decodable {
  struct Symbol: Decodable {
    struct Kind: Decodable { var identifier: String }
    struct Identifier: Decodable { var precise: String }
    struct Fragment: Decodable { var spelling: String }

    var kind: Kind
    var identifier: Identifier
    var pathComponents: [String]
    var declarationFragments: [Fragment]

    /// The declaration on one line.
    var declaration: String {
      declarationFragments.map(\.spelling).joined().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// True when a protocol extension supplies the member.
    var isInherited: Bool { identifier.precise.contains("::SYNTHESIZED::") }
  }

  struct Relationship: Decodable {
    var kind: String
    var source: String
    var target: String
    var targetFallback: String?
  }

  var symbols: [Symbol]
  var relationships: [Relationship]

  init(contentsOf file: URL) throws {
    self = try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: file))
  }

  /// The members of a type itself, not those of the types nested in it; each declaration once.
  func members(of type: String) -> [Symbol] {
    var seen: Set<String> = []
    return symbols.filter {
      $0.pathComponents.count == 2 && $0.pathComponents[0] == type
        && seen.insert("\($0.isInherited)\($0.declaration)").inserted
    }
  }

  /// The names of the protocols that a type conforms to.
  func protocols(of type: String) -> Set<String> {
    guard let id = symbols.first(where: { $0.pathComponents == [type] })?.identifier.precise else { return [] }
    let names = Dictionary(
      symbols.filter { $0.kind.identifier == "swift.protocol" }
        .map { ($0.identifier.precise, $0.pathComponents.joined(separator: ".")) }, uniquingKeysWith: { $1 })
    return Set(
      relationships.filter { $0.kind == "conformsTo" && $0.source == id }.compactMap {
        names[$0.target] ?? $0.targetFallback?.split(separator: ".").last.map(String.init)
      })
  }
}
