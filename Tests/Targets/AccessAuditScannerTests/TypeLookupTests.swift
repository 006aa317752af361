// SPDX-License-Identifier: Apache-2.0
//
// Types are looked up by context: nested ones with the same simple name, extensions, aliases,
// generic parameters, types that are private to their file.

#if Scanner
import AccessAuditScanner
import Testing

@Suite struct TypeLookupTests {
  private func found(_ texts: [String]) -> [String] {
    let sources = texts.enumerated().map { SourceText(path: "File\($0).swift", text: $1) }
    return AccessScanner(threads: 1).scan(sources).active.map { "\($0.rule) \($0.symbol)" }
  }

  static let channel = """
    final class Channel {
      enum State { case idle, open }
      private var state = State.idle
      func open() { DispatchQueue.global().async { self.state = .open } }
      func isOpen() -> Bool { state == .open }
    }
    """
  static let loop = """
    final class Loop {
      struct State { var tasks: [Int] = []; mutating func add(_ task: Int) { tasks.append(task) } }
      private var state = State()
      func start(_ task: Int) { DispatchQueue.global().async { self.state.add(task) } }
      func count() -> Int { state.tasks.count }
    }
    """

  @Test func namesakesInTwoFiles() {
    let expected = ["unprotected-property Loop.state"]
    #expect(found([Self.channel, Self.loop]) == expected)
    #expect(found([Self.loop, Self.channel]) == expected)
    #expect(found([Self.channel + "\n" + Self.loop]) == expected)
    #expect(found([Self.loop + "\n" + Self.channel]) == expected)
  }

  /// Neither a struct elsewhere invents a race on an enum, nor the other way round.
  @Test func theOtherDirection() {
    let quiet = Self.loop.replacing("DispatchQueue.global().async { self.state.add(task) }", with: "state.add(task)")
    #expect(found([Self.channel, quiet]) == [])
    #expect(found([quiet, Self.channel]) == [])
  }

  @Test func extensionsOfNestedTypes() {
    let outer = """
      enum Outer { final class Inner { var list: [Int] = []; struct State { var all: [Int] = [] } } }
      final class Inner { var list: Int = 0 }
      """
    let more = """
      extension Outer.Inner {
        func go() { DispatchQueue.global().async { self.list.append(1) } }
        func size() -> Int { list.count }
      }
      """
    #expect(found([outer, more]) == ["unprotected-property Outer.Inner.list"])
    #expect(found([more, outer]) == ["unprotected-property Outer.Inner.list"])
  }

  @Test func genericParametersHideTypes() {
    let text = """
      struct State { var list: [Int] = [] }
      final class Box<State> {
        private var state: State
        init(_ state: State) { self.state = state }
        func set(_ new: State) { DispatchQueue.global().async { self.state = new } }
        func put(_ new: State) { state = new }
      }
      """
    #expect(found([text]) == [])
    #expect(found([text.replacing("Box<State>", with: "Box")]) == ["unprotected-property Box.state"])
  }

  @Test func aliasesAreThoseOfTheirContext() {
    let text = """
      final class A {
        typealias Table = [Int: Int]
        private var table: Table = [:]
        func go() { DispatchQueue.global().async { self.table[1] = 1 } }
        func size() -> Int { table.count }
      }
      final class B {
        typealias Table = Int
        private var table: Table = 0
        func go() { DispatchQueue.global().async { self.table += 1 } }
        func size() -> Int { table }
      }
      """
    #expect(found([text]) == ["unprotected-property A.table"])
  }

  @Test func inheritedNestedTypes() {
    let text = """
      class Base { struct State { var list: [Int] = [] } }
      struct State {}
      final class Derived: Base {
        private var state = State()
        func go() { DispatchQueue.global().async { self.state.list.append(1) } }
        func size() -> Int { state.list.count }
      }
      """
    #expect(found([text]) == ["unprotected-property Derived.state"])
  }

  @Test func typesThatArePrivateToTheirFiles() {
    let one = """
      private final class Cache {
        private let lock = NSLock()
        private var items: [Int] = []
        func add() { lock.withLock { items.append(1) } }
        func all() -> [Int] { lock.withLock { items } }
      }
      """
    let two = """
      private final class Cache {
        private var items: [Int] = []
        func add() { DispatchQueue.global().async { self.items.append(1) } }
        func all() -> [Int] { items }
      }
      """
    #expect(found([one, two]) == ["unprotected-property Cache.items"])
    #expect(found([two, one]) == ["unprotected-property Cache.items"])
    #expect(found([one, one]) == [])
  }
}
#endif
