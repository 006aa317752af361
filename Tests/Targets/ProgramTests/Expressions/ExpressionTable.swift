// SPDX-License-Identifier: Apache-2.0
//
// The expressions of Tests/Fixtures/API/expressions.txt in the contexts in which they can stand,
// and the two programs that are made of them: one text, with the plain and with the audited
// collections. Compiles and runs nothing.

import Foundation

struct ExpressionTable {
  struct Expression {
    var element: String
    var type: String
    var value: String
    var text: String
    var isSequence: Bool
    var isException: Bool

    /// The source for one subject, whose name is `s`; `$0` and its like are a closure's.
    func body(_ context: String) -> String {
      context.replacing("%", with: text.replacing(#/\$(?!\d)/#, with: "s"))
    }
  }

  /// Where every expression stands.
  static let always = ["let r = %; record(r)", "record(\"\\(%)\")"]
  /// Where every expression stands in turn: each in one, neighbours in different ones.
  static let inTurn = [
    "record(%)", "record((%) as Any)", "let r = Optional(%); record(r)", "let f = { () in % }; record(f())",
    "record([%])",
    "let r = (%, 1); record(r.0)", "let r = truth() ? Optional(%) : nil; record(r)", "record(String(describing: %))",
    "func f() throws { let r = %; record(r) }; try! f()",
  ]
  /// Where a sequence stands too.
  static let ofSequences = [
    "var r = 0; for _ in % { r += 1 }; record(r)", "record(elements(of: %))", "record(Array(%).count)",
    "record((%).map { $0 }.count)", "record((%).reversed())", "record((%).prefix(1).map { $0 }.count)",
    "record((%).enumerated().map { $0.offset })", "record((%).reduce(0) { r, _ in r + 1 })",
    "record(zip(%, 0...).map { $1 })", "record(((%).first { _ in true }) != nil)",
    "record((%).filter { _ in true }.count)",
  ]

  var expressions: [Expression] = []

  init(contentsOf file: URL) throws {
    var subject = (element: "", type: "", value: "")
    for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
      if let match = line.wholeMatch(of: #/== (.+?): (Tested.+>) = (.+)/#) {
        subject = (String(match.1), String(match.2), String(match.3))
        continue
      }
      let isMarked = line.hasPrefix("* ") || line.hasPrefix("! ")
      expressions.append(
        Expression(
          element: subject.element, type: subject.type, value: subject.value,
          text: String(isMarked ? line.dropFirst(2) : line), isSequence: line.hasPrefix("* "),
          isException: line.hasPrefix("! ")))
    }
  }

  /// The contexts of the expression with an index.
  func contexts(of index: Int) -> [String] {
    Self.always + [Self.inTurn[index % Self.inTurn.count]] + (expressions[index].isSequence ? Self.ofSequences : [])
  }

  /// How a cell of the table reads in a failed expectation.
  func description(_ index: Int, _ context: Int) -> String {
    let expression = expressions[index]
    return "\(expression.type): \(contexts(of: index)[context].replacing("%", with: expression.text))"
  }

  /// The files of the program whose tested collections have a prefix. Line n of `Part<k>.swift` is
  /// the expression `k * partSize + n - linesBefore`.
  func sources(prefix: String, imports: [String]) -> [String: String] {
    let imports = (["Foundation"] + imports).map { "import \($0)" }.joined(separator: "; ")
    var sources = ["Prelude.swift": "\(imports)\n\(Self.prelude(prefix))"]
    var calls = ""
    for start in stride(from: 0, to: expressions.count, by: Self.partSize) {
      let part = start / Self.partSize
      var lines = [imports]
      let indices = start..<min(start + Self.partSize, expressions.count)
      for index in indices {
        let expression = expressions[index]
        let cells = contexts(of: index).enumerated().map { context, text in
          """
          func c\(context)() { var s: \(expression.type) = \(expression.value); \
          var place = s.startIndex; var index = 1; var generator = Fixed(); cell = "\(index) \(context)"; \
          \(expression.body(text)); after(s) }; c\(context)()
          """
        }
        lines.append("func e\(index)() { typealias E = \(expression.element); \(cells.joined(separator: "; ")) }")
      }
      lines.append("func part\(part)() { \(indices.map { "e\($0)()" }.joined(separator: "; ")) }")
      sources["Part\(part).swift"] = lines.joined(separator: "\n") + "\n"
      calls += "part\(part)()\n"
    }
    sources["main.swift"] = calls
    return sources
  }

  static let partSize = 250
  static let linesBefore = 2

  /// What the expressions use, and what prints a cell: its number, the static type of its value,
  /// the value.
  private static func prelude(_ prefix: String) -> String {
    """
    typealias TestedArray<E> = \(prefix)Array<E>
    typealias TestedSet<E: Hashable> = \(prefix)Set<E>
    typealias TestedDictionary<K: Hashable, V> = \(prefix)Dictionary<K, V>
    nonisolated(unsafe) var cell = ""
    func record<T>(_ value: T) { write(String(reflecting: T.self), value) }
    func after<T>(_ subject: T) { write("", subject) }
    func write<T>(_ type: String, _ value: T) {
      print(cell, type, String(reflecting: String(describing: value)), separator: "\\t")
    }
    func truth() -> Bool { true }
    func elements<S: Sequence>(of sequence: S) -> Int { var r = 0; for _ in sequence { r += 1 }; return r }
    struct Fixed: RandomNumberGenerator {
      var state: UInt64 = 7
      mutating func next() -> UInt64 { state = state &* 6364136223846793005 &+ 1442695040888963407; return state }
    }

    """
  }
}
