// SPDX-License-Identifier: Apache-2.0
//
// Adopted texts are given to the compiler: what `instrument` writes compiles at first. Nothing is
// built.

#if Scanner
import AccessAuditScanner
import Foundation
import Testing

@Suite struct AdoptionCompileTests {
  /// Declarations and uses, each with the symbols that keep their types and those that stay
  /// unaudited.
  static let shapes: [(text: String, watched: Set<String>, left: Set<String>)] = [
    (
      """
      extension Array {
        mutating func take() -> Element? { isEmpty ? nil : removeFirst() }
        func second() -> Element? { count > 1 ? self[1] : nil }
      }
      extension RangeReplaceableCollection { mutating func keep(_ n: Int) { while count > n { remove(at: startIndex) } } }
      final class Queue {
        private var pending: [Int] = []
        private var kept: [Int] = [1, 2]
        private var read: [Int] = [1, 2]
        func next() -> Int? { pending.take() }
        func cut() { kept.keep(1) }
        func two() -> Int? { read.second() }
      }
      """, ["Queue.pending", "Queue.kept"], []
    ),
    (
      """
      extension Dictionary {
        var firstKey: Key? { keys.first }
        var lowest: Value? { get { values.first } set { if let newValue, let key = keys.first { self[key] = newValue } } }
        subscript(checked key: Key) -> Value? { get { self[key] } set { self[key] = newValue } }
      }
      final class Table {
        private var a: [String: Int] = [:]
        private var b: [String: Int] = [:]
        private var c: [String: Int] = [:]
        func f() -> String? { b.lowest = 1; c[checked: "a"] = 2; return a.firstKey }
        func g() -> Int? { a[checked: "b"] }
      }
      """, ["Table.b", "Table.c"], []
    ),
    (
      """
      protocol Store { var items: [Int] { get } }
      protocol Wide: Store { var names: [String: Int] { get set } }
      final class Memory: Wide {
        var items: [Int] = []
        var names: [String: Int] = [:]
        var more: [Int] = []
        func f(_ all: [any Wide]) -> [Int] { more.append(1); return all.flatMap { $0.items } }
      }
      class Base { var shown: [Int] = []; var other: [Int] = [] }
      protocol Shown { var shown: [Int] { get } }
      class Derived: Base, Shown { override var other: [Int] { didSet { print(oldValue) } } }
      """, ["Memory.items", "Memory.names", "Base.shown", "Base.other"], ["Derived.other"]
    ),
    (
      """
      final class Early {
        let count: Int
        private var list: [Int]? = nil
        private var late: [Int] { didSet { print(oldValue) } }
        private var read: [Int] { didSet { print(oldValue) } }
        private var after: [Int]?
        private let last: Int
        init(_ a: [Int]) {
          late = a
          read = a
          list = a
          count = read.count
          last = 1
          after = [1]
          late.append(3)
        }
        func sum() -> Int { (list?.count ?? 0) + late.count + read.count + (after?.count ?? 0) + last + count }
      }
      """, ["Early.late", "Early.after"], ["Early.list", "Early.read"]
    ),
    (
      """
      class Parent { init() {} }
      final class Child: Parent {
        private var before: [Int]?
        private var after: [Int]?
        override init() {
          before = [1]
          super.init()
          after = [1]
        }
        convenience init(_ n: Int) {
          self.init()
          after = [n]
          before?.append(n)
        }
        func sum() -> Int { (before?.count ?? 0) + (after?.count ?? 0) }
      }
      """, ["Child.after"], ["Child.before"]
    ),
    (
      """
      final class Coded: Codable { var values: [Int]? = nil; var plain: [Int] = []; init() {} }
      """, [], ["Coded.values"]
    ),
    (
      """
      final class Uses {
        var keys: [Int] = []
        private var chosen: [Int] = [1]
        private var both: [Int] = []
        private var pair: [Int] = []
        private var opened: Set<Int> = []
        nonisolated(unsafe) private static var table: [String: Int] = ["a": 1]
        func f(_ x: [Uses]) -> [[Int]] {
          chosen = if chosen.isEmpty { [2] } else { [] }
          (both, pair) = (pair, [1])
          opened = opened.union([1])
          for n in opened { print(n, "\\(opened) \\(opened.count)") }
          Uses.table["b"] = 2
          return x.map(\\.keys)
        }
        static func all() -> [String: Int] { table }
      }
      """, ["Uses.keys", "Uses.chosen", "Uses.both", "Uses.pair"], []
    ),
    (
      """
      actor Cell<Key: Hashable & Sendable> {
        var all: Set<Key> = []
        private var map: [Key: [Key]] = [:]
        private var last: [Key]?
        func add(_ key: Key) { all.insert(key); map[key, default: []].append(key); last = Array(all) }
        func out() -> [Key: [Key]] { map }
      }
      func use(_ cell: Cell<Int>) async -> Int { await cell.all.count }
      nonisolated(unsafe) var shared: [Int] = []
      nonisolated(unsafe) var maybe: [Int]?
      func touch() { shared.append(1); maybe = shared; shared = shared.filter { $0 > 1 } }
      """, ["Cell.last"], ["maybe"]
    ),
    (
      """
      protocol Kept: Actor { var items: [String: Int] { get } }
      actor Memory: Kept {
        init(_ clock: Int) { self.items = [:]; self.clock = clock }
        init(_ items: [String: Int]) { self.clock = 1; self.items = items.filter { $0.value > 1 } }
        init() async { clock = 2; items = ["a": 1]; items["b"] = 2 }
        init(later clock: Int) { self.init(clock) }
        var items: [String: Int]
        let clock: Int
        func add(_ key: String) { items[key] = clock; items = items.filter { $0.value > 0 } }
      }
      """, ["Memory.items"], []
    ),
  ]

  @Test(arguments: shapes.indices)
  func compilesAtFirst(number: Int) throws {
    let shape = AdoptionCompileTests.shapes[number]
    let directory = try TemporaryDirectory()
    let plan = AdoptionPlan([SourceText(path: "Shape.swift", text: shape.text)], symbols: nil)
    let result = AdoptionResult(candidates: plan.candidates)
    #expect(Set(result.watched.map(\.symbol)) == shape.watched)
    #expect(Set(result.leftAlone.map(\.symbol)) == shape.left)
    #expect(result.candidates.allSatisfy { $0.form == .type || $0.reason != nil })
    let text = try #require(plan.texts().first?.text)
    for candidate in result.retyped { #expect(text.contains("label: \"\(candidate.symbol)\"")) }
    #expect(try errors(shape.text, in: directory) == "", "the shape itself")
    #expect(try errors(text, in: directory) == "", "\(text)")
  }

  /// The compiler's errors about a file that uses the audited types of this build.
  private func errors(_ text: String, in directory: TemporaryDirectory) throws -> String {
    try directory.write(text, "Shape.swift")
    let build = try buildFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["swiftc", "-typecheck", "-swift-version", "6", "-module-name", "Shape", "-I", "\(build)/Modules"]
      + ["CAccessRecorder", "CAccessSymbols"].flatMap {
        ["-Xcc", "-fmodule-map-file=\(build)/\($0).build/module.modulemap"]
      }
      + ["\(directory.path)/Shape.swift"]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? "" : output
  }

  private func buildFolder() throws -> String {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for _ in 0..<4 {
      if FileManager.default.fileExists(atPath: folder.path + "/Modules/AuditedCollections.swiftmodule") {
        return folder.path
      }
      folder.deleteLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile)
  }
}
#endif
