// SPDX-License-Identifier: Apache-2.0

import AuditedCollections
import SwiftCompilerPlugin
import SwiftSyntax
import SwiftSyntaxMacros

/// Expands `#counts("b", "a", "b")` to a literal that has each word once, with its count.
public struct CountingMacro: ExpressionMacro {
  public static func expansion(
    of node: some FreestandingMacroExpansionSyntax, in context: some MacroExpansionContext
  ) throws -> ExprSyntax {
    var counts: AuditedDictionary<String, Int> = [:]
    for argument in node.arguments { counts[argument.expression.trimmedDescription, default: 0] += 1 }
    let pairs = counts.keys.sorted().map { "\($0): \(counts[$0, default: 0])" }
    return "[\(raw: pairs.joined(separator: ", "))]"
  }
}

@main
struct Counting: CompilerPlugin {
  let providingMacros: [any Macro.Type] = [CountingMacro.self]
}
