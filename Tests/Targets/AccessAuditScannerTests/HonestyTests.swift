// SPDX-License-Identifier: Apache-2.0
//
// What a finding claims: annotations and agreements are notes, computed properties are judged once,
// ordinary strings are scanned.

#if Scanner
import AccessAuditScanner
import Testing

@Suite struct HonestyTests {
  private func levels(_ text: String) -> [String] { scan(text).active.map { "\($0.severity.rawValue) \($0.rule)" } }

  @Test func annotationsAloneAreNotes() {
    let box = "final class Box: @unchecked Sendable { var items: [Int] = []; func add() { items.append(1) } }\n"
    #expect(levels(box) == ["note unchecked-sendable"])
    #expect(
      levels(box + "func go(_ box: Box) { Task { box.add() }; Task { box.add() } }\n") == ["error unchecked-sendable"])
    let global = "nonisolated(unsafe) var list: [Int] = []\nfunc add() { list.append(1) }\n"
    #expect(levels(global) == ["note nonisolated-unsafe"])
    #expect(
      levels(global + "func go() { Task.detached { add() }; Task.detached { add() } }\n") == [
        "error nonisolated-unsafe"
      ])
  }

  @Test func aComputedPropertyIsReportedOnce() {
    let text = """
      final class Settings {
        private let lock = NSLock()
        private var stored: [Int] = []
        var values: [Int] {
          get { lock.withLock { stored } }
          set { lock.withLock { stored = newValue } }
        }
        func add() { DispatchQueue.global().async { self.values.append(1) } }
        func other() { values.append(2) }
        func size() -> Int { lock.withLock { 0 } + values.count }
      }
      """
    #expect(Set(scan(text).active.map { "\($0.rule) \($0.symbol)" }) == ["check-then-act Settings.values"])
    let places = scan(text).active.map(\.place)
    #expect(Set(places).count == places.count, "one finding a place")
  }

  @Test(arguments: [
    "/// Not thread-safe.\nfinal class Log {\n  var lines: [String] = []",
    "final class Log {\n  /// Only accessed on the event loop.\n  var lines: [String] = []",
    "final class Log {\n  var lines: [String] = []\n  /// Must be called on the writer's thread.\n  func look() { print(lines) }",
  ])
  func commentsThatConfineMakeNotes(head: String) {
    let text =
      head + "\n  func go() { DispatchQueue.global().async { self.lines.append(\"a\") } }\n"
      + "  func size() -> Int { lines.count }\n}\n"
    #expect(levels(text) == ["note unprotected-property"])
    #expect(scan(text).active.allSatisfy { $0.message.contains("; a comment says: ") })
  }

  @Test func aCheckOfTheMainThreadIsAGuard() {
    let text = """
      final class Registry {
        static var all: [Int: String] = [:]
        static func add(_ id: Int) { MainScheduler.ensureRunningOnMainThread(); all[id] = "" }
        static func look(_ id: Int) -> String? { assertMainThread(); return all[id] }
      }
      """
    #expect(levels(text) == [])
    #expect(levels(text.replacing("assertMainThread(); ", with: "")) != [])
  }

  @Test func completionsComeBackOnTheQueueThatWasGiven() {
    let text = """
      final class Prefetcher {
        private let queue = DispatchQueue(label: "q")
        private var active: Set<Int> = []
        func start(_ id: Int, _ loader: Loader) {
          queue.async {
            self.active.insert(id)
            loader.load(id, on: self.queue, completion: { self.active.remove(id) })
          }
        }
        func cancel() { queue.async { self.active.removeAll() } }
      }
      """
    #expect(levels(text) == [])
    #expect(levels(text.replacing("on: self.queue, ", with: "")) == ["error guarded-elsewhere"])
  }

  /// Brackets in string literals are no nesting.
  @Test func literalsOfAllFormsAreScanned() {
    let brackets = String(repeating: "[", count: 40)
    let text = """
      let a = \"\"\"
        \(brackets) "quoted" \(brackets)
        \"\"\"
      let b = #"\(brackets)"#
      let c = "\(brackets) \\(["x"].count) \(brackets)"
      let d = #/[\\[]{3}/#
      /* \(brackets) */
      final class C {
        var list: [Int] = []
        func go() { DispatchQueue.global().async { self.list.append(1) } }
        func size() -> Int { list.count }
      }
      """
    let report = scan(text)
    #expect(report.problems == [])
    #expect(report.active.map(\.symbol) == ["C.list"])
    #expect(report.isComplete)
  }

  /// A mutating member that an extension adds is a write.
  @Test func extensionsThatChangeAreWrites() {
    let text = """
      extension Array { mutating func takeAll() -> [Element] { defer { removeAll() }; return self } }
      final class Mail {
        private let lock = NSLock()
        private var letters: [Int] = []
        func put() { lock.withLock { letters.append(1) } }
        func count() -> Int { lock.withLock { letters.count } }
        func empty() -> [Int] { letters.takeAll() }
      }
      """
    #expect(found(text) == ["guarded-elsewhere Mail.letters"])
    #expect(found(text.replacing("mutating ", with: "")) == ["unguarded-read Mail.letters"])
  }

  /// An observer runs under the locks of every assignment that calls it.
  @Test func observersRunUnderTheLocksOfAssignments() {
    let text = """
      final class Cache {
        private let lock = NSLock()
        private var map: [Int: Int] = [:]
        private var limit = 1 { didSet { trim() } }
        var bound: Int {
          get { lock.withLock { limit } }
          set { lock.withLock { limit = newValue } }
        }
        func put(_ n: Int) { lock.withLock { map[n] = n } }
        func count() -> Int { lock.withLock { map.count } }
        private func trim() { map.removeAll() }
      }
      """
    #expect(levels(text) == [])
    #expect(
      levels(text.replacing("set { lock.withLock { limit = newValue } }", with: "set { limit = newValue }")) != [])
  }

  @Test func serialObjectsAndDelegateQueuesAreGuards() {
    let text = """
      final class Client {
        private let serializer: any Executor
        private var open: [Int: Int] = [:]
        private let session: URLSession
        private var handlers: [Int: Int] = [:]
        func start(_ n: Int) { serializer.dispatch { self.open[n] = n } }
        func stop(_ n: Int) { serializer.dispatch { self.open[n] = nil } }
        func load(_ n: Int) { session.delegateQueue.addOperation { self.handlers[n] = n } }
        func urlSession(_ session: URLSession, task: Int) { handlers[task] = nil }
      }
      """
    #expect(levels(text) == [])
    #expect(levels(text.replacing("func urlSession(", with: "func other(")) == ["error unprotected-property"])
  }

  @Test func aClosureThatGetsTheActorRunsOnIt() {
    let text = """
      actor Watcher {
        private var keys: Set<Int> = []
        func add(_ key: Int) { keys.insert(key) }
        nonisolated func changed(_ key: Int) { Task { await self.onActor { (self) in self.keys.insert(key) } } }
        private func onActor(_ body: @Sendable (isolated Watcher) -> Void) { body(self) }
      }
      """
    #expect(levels(text) == [])
    #expect(levels(text.replacing("(self) in ", with: "_ in ")) == ["error actor-escape"])
  }
}
#endif
