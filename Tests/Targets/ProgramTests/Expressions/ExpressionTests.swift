// SPDX-License-Identifier: Apache-2.0
//
// An expression has the type and the value with an audited collection that it has with a plain one:
// overloads rank alike, whatever the context. Two programs made of one text are compiled, run and
// compared.

import Foundation
import Testing

#if DEBUG
@Suite(.serialized)
struct ExpressionTests {
  private static let lists = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/API")

  @Test func typesAndValues_areThePlainOnes() throws {
    let table = try ExpressionTable(contentsOf: Self.lists.appendingPathComponent("expressions.txt"))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("expressions-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    func cells(_ prefix: String) throws -> [ExpressionProgram.Cell: [String]] {
      try ExpressionProgram(table, prefix: prefix, in: folder.appendingPathComponent("of-\(prefix)")).cells()
    }
    let (plain, audited) = try (cells(""), cells("Audited"))
    for index in table.expressions.indices {
      let isException = table.expressions[index].isException
      for context in table.contexts(of: index).indices {
        let key = ExpressionProgram.Cell(expression: index, context: context)
        let (expected, found) = try (#require(plain[key]), #require(audited[key]))
        // What differs as the value of a variable may be the same to an interpolation.
        if isException && context > 0 { continue }
        #expect(
          (expected == found) == !isException,
          "\(table.description(index, context))\nplain   \(expected)\naudited \(found)")
      }
    }
  }

  /// A program may declare a member in an extension of a protocol that arrays conform to and sets
  /// do not. A call with an audited array is not ambiguous for that reason.
  @Test func overloadsOfTheProgram_areNotAmbiguous() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("overloads-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let errors = try ExpressionProgram.errors(
      in: """
        import AuditedCollections
        extension RandomAccessCollection {
          var first: Element? { nil }
          func prefix(_ maxLength: Int) -> SubSequence { self[...] }
          func dropFirst(_ k: Int = 1) -> SubSequence { self[...] }
          func firstIndex(where predicate: (Element) throws -> Bool) rethrows -> Index? { nil }
        }
        extension BidirectionalCollection {
          func map<T>(_ transform: (Element) -> T) -> [T] { [] }
          func suffix(_ maxLength: Int) -> SubSequence { self[...] }
        }
        extension BidirectionalCollection where Element: Comparable { func max() -> Element? { nil } }
        extension RangeReplaceableCollection { func shuffled() -> [Element] { [] } }
        let numbers: AuditedArray = [1, 2, 3]
        let first = numbers.first, last = numbers.max(), index = numbers.firstIndex { $0 == 1 }
        let parts = [numbers.prefix(1), numbers.dropFirst(), numbers.suffix(1)]
        let all = [numbers.shuffled(), numbers.map { $0 }]
        """, folder: folder)
    #expect(errors.isEmpty, "\(errors.joined(separator: "\n"))")
  }

  /// Every member that the lists of the surface name stands in an expression.
  @Test func members_allStandInTheTable() throws {
    let table = try ExpressionTable(contentsOf: Self.lists.appendingPathComponent("expressions.txt"))
    for type in ["Array", "Set", "Dictionary"] {
      let texts = table.expressions.filter { $0.type.hasPrefix("Tested\(type)<") }.map(\.text).joined(separator: "\n")
      let list = try String(
        contentsOf: Self.lists.appendingPathComponent("\(type.lowercased()).txt"), encoding: .utf8)
      for line in list.split(separator: "\n") {
        let fields = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        // Subscripts have no name; types, in capitals, are no members of a value.
        guard fields.count > 2, fields[1] != "swift.subscript" else { continue }
        let name = String(fields[2].prefix { $0 != "(" })
        if name.first?.isUppercase == true { continue }
        // Conformances that the compiler calls, tested elsewhere.
        if ["hash", "encode", "customMirror", "init", "span", "mutableSpan"].contains(name) { continue }
        let isOperator = fields[1].hasSuffix(".op")
        let stands = texts.contains(isOperator ? " \(name) " : ".\(name)")
        #expect(stands, "\(type).\(fields[2])")
      }
    }
  }
}
#endif
