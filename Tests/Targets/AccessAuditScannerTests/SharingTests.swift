// SPDX-License-Identifier: Apache-2.0
//
// The threads of stored closures, notification blocks and operations, and the locks that protect
// static members: each wrong shape is found, and the similar correct shape beside it is not.

#if Scanner
import Testing

@Suite struct SharingTests {
  // MARK: Closures in properties

  private func download(_ call: String) -> String {
    """
    import Dispatch
    final class Download {
      var onEnd: ((Int) -> Void)?
      func start() { \(call) }
    }
    final class Client {
      private var sizes: [Int] = []
      func run() {
        let download = Download()
        download.onEnd = { size in self.sizes.append(size) }
        download.start()
      }
      var count: Int { sizes.count }
    }
    """
  }

  @Test func closureOfAPropertyRunsWhereTheModuleCallsIt() {
    #expect(
      found(download("DispatchQueue.global().async { self.onEnd?(1) }")) == ["unprotected-property Client.sizes"])
    #expect(found(download("onEnd?(1)")) == [])
    #expect(found(download("DispatchQueue.main.async { self.onEnd?(1) }")) == [])
    #expect(
      found(
        download(
          "let done = DispatchSemaphore(value: 0); Thread { self.onEnd?(1); done.signal() }.start(); done.wait()")
      ) == [])
  }

  @Test(arguments: ["onEnd?(1)", "if let onEnd { onEnd(1) }", "guard let end = onEnd else { return }; end(1)"])
  func closureOfAPropertyIsFollowedThroughAMethod(call: String) {
    let text = download("DispatchQueue.global().async { self.end() }").replacing(
      "func start", with: "private func end() { \(call) }\n  func start")
    #expect(found(text) == ["unprotected-property Client.sizes"])
  }

  @Test func handlersOfTheSystemRunElsewhere() {
    func reader(_ property: String) -> String {
      """
      import Foundation
      func read(_ pipe: Pipe) -> [Data] {
        var chunks: [Data] = []
        pipe.fileHandleForReading.\(property) = { chunks.append($0.availableData) }
        return chunks
      }
      """
    }
    #expect(found(reader("readabilityHandler")) == ["captured-variable chunks"])
    #expect(found(reader("formatter")) == [])
  }

  // MARK: Notifications

  @Test(arguments: [
    ("OperationQueue()", true), ("queue", true), ("nil", false), (".main", false), ("OperationQueue.main", false),
  ])
  func notificationBlockRunsOnItsQueue(queue: String, isFound: Bool) {
    let text = """
      import Foundation
      final class Player {
        private var items: [Int] = []
        private let queue = OperationQueue()
        func load() {
          NotificationCenter.default.addObserver(forName: .init("end"), object: nil, queue: \(queue)) { _ in
            self.items.removeAll()
          }
          items.append(1)
        }
      }
      """
    #expect(found(text) == (isFound ? ["unprotected-property Player.items"] : []))
  }

  // MARK: The state of a mutex

  @Test func holdsOfAMutexAreTold() {
    func counter(_ body: String) -> String {
      "import Synchronization\nfinal class C { let m = Mutex<[String: Int]>([:])\nfunc f(_ k: String) { \(body) } }"
    }
    #expect(
      found(counter("let n = m.withLock { $0[k] ?? 0 }; m.withLock { $0[k] = n + 1 }")) == ["check-then-act C.m"])
    #expect(found(counter("var d = m.withLock { $0 }; d[k] = 1; m.withLock { $0 = d }")) == ["check-then-act C.m"])
    #expect(found(counter("let d = m.withLock { $0 }; print(d); m.withLock { $0 = [:] }")) == [])
    #expect(found(counter("m.withLock { state in state[k, default: 0] += 1 }")) == [])
    #expect(found(counter("let n = m.withLock { $0.filter { $0.value > 1 } }; m.withLock { $0[k] = n.count }")) == [])
  }

  @Test func aMutexOfAMainActorClassIsNotTheActors() {
    let text = """
      import Synchronization
      @MainActor final class C {
        nonisolated let m = Mutex<[Int]>([])
        nonisolated func add() { m.withLock { $0.append(1) } }
      }
      """
    #expect(found(text) == [])
  }

  // MARK: Locks per object

  private func formatter(_ lock: String, _ more: String = "") -> String {
    """
    import Foundation
    final class Formatter {
      private static var formats: [String: String] = [:]
      \(more)
      \(lock)
      func set(_ name: String) { lock.withLock { Formatter.formats[name] = name } }
      func get(_ name: String) -> String? { lock.withLock { Formatter.formats[name] } }
    }
    """
  }

  @Test func aLockOfEachObjectDoesNotProtectWhatIsStatic() {
    #expect(found(formatter("private let lock = NSLock()")) == ["mutable-global Formatter.formats"])
    #expect(found(formatter("private static let lock = NSLock()")) == [])
    #expect(found(formatter("private let lock: NSLock; init(_ lock: NSLock) { self.lock = lock }")) == [])
    #expect(found(formatter("private let lock = NSLock()", "static let shared = Formatter()")) == [])
  }

  // MARK: Operations

  private func parse(_ given: String, _ more: String = "") -> String {
    """
    import Foundation
    final class Graph { var names: [String] = []; func add(_ name: String) { names.append(name) } }
    final class Parse: Operation, @unchecked Sendable {
      let graph: Graph
      init(graph: Graph) { self.graph = graph }
      override func main() { graph.add("a") }
    }
    func run(_ queue: OperationQueue) {
      let graph = Graph()
      \(more)
      for _ in 0..<4 { queue.addOperation(Parse(graph: \(given))) }
    }
    """
  }

  @Test func operationsThatGetOneObjectUseItAtOnce() {
    #expect(found(parse("graph")) == ["unprotected-property Graph.names"])
    #expect(found(parse("Graph()")) == [])
    #expect(found(parse("graph", "queue.maxConcurrentOperationCount = 1")) == [])
    let locked = parse("graph").replacing("names.append(name)", with: "lock.withLock { names.append(name) }")
      .replacing(
        "var names", with: "let lock = NSLock(); var names")
    #expect(found(locked) == [])
  }

  // MARK: Work that was waited for

  @Test func aReadAfterTheOperationsItWaitedForIsFine() {
    func importer(_ wait: String) -> String {
      """
      import Foundation
      final class Import {
        private var rows: [String] = []
        private let queue = OperationQueue()
        func run(_ names: [String]) -> Int {
          queue.maxConcurrentOperationCount = 1
          for name in names { queue.addOperation { self.rows.append(name) } }
          \(wait)
          return rows.count
        }
      }
      """
    }
    #expect(found(importer("queue.waitUntilAllOperationsAreFinished()")) == [])
    #expect(found(importer("")) == ["unguarded-read Import.rows"])
  }

  // MARK: The main queue

  @Test(arguments: [3, 2])
  func oneWriteThatDoesNotGoToTheMainQueue(goers: Int) {
    let more = (0..<goers).map { "func go\($0)() { DispatchQueue.main.async { self.names.append(\"\($0)\") } }" }
    let text =
      "import Dispatch\nfinal class Tracker { private var names: [String] = []\n"
      + more.joined(separator: "\n") + "\nfunc drop() { names.removeAll() }\nvar count: Int { names.count } }"
    // The read beside it counts as one of the user interface, which is on the main thread anyway.
    #expect(
      found(text.replacing("var count: Int { names.count }", with: ""))
        == (goers == 3 ? ["guarded-elsewhere Tracker.names"] : []))
  }
}
#endif
