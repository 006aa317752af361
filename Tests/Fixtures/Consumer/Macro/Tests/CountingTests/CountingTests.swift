// SPDX-License-Identifier: Apache-2.0

import AuditedCollections
import Counting
import CountingMacro
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacroExpansion
import Testing

@Suite struct CountingTests {
  @Test func macro_expandsInTheCompiler() {
    let expected: AuditedDictionary<String, Int> = ["a": 1, "b": 2]
    #expect(#counts("b", "a", "b") == expected)
  }

  /// The same in this process, where the audit may be on.
  @Test func macro_expandsInATest() throws {
    let expansion = try CountingMacro.expansion(
      of: #"#counts("b", "a", "b")"# as MacroExpansionExprSyntax, in: BasicMacroExpansionContext())
    #expect(expansion.description == #"["a": 1, "b": 2]"#)
  }
}
