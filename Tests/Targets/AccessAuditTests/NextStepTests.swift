// SPDX-License-Identifier: Apache-2.0
//
// The advice at the end of a report, the names of declarations, and thunks that hold the program's
// code: pure functions of the model.

#if AUDITED && canImport(Glibc)

import Foundation
import Testing

@testable import AccessReports
@testable import AccessTerms

struct NextStepTests {
  private func frame(
    _ symbol: String?, _ line: Int? = nil, _ category: Violation.Frame.Category = .user,
    file: String = "/src/Cache.swift"
  ) -> Violation.Frame {
    Violation.Frame(
      symbol: symbol, file: line.map { _ in file }, line: line, column: line.map { _ in 5 }, image: "shop",
      address: "0x1000", inlined: false, category: category)
  }

  private func violation(
    _ detected: [Violation.Frame], writing: Bool = true, _ conflicting: [Violation.Frame],
    created: [Violation.Frame] = []
  ) -> Violation {
    var violation = RenderingTests.sample()
    violation.accesses[0].stack = detected
    violation.accesses[0].writing = writing
    violation.accesses[1] = violation.accesses[0]
    violation.accesses[1].role = .conflicting
    violation.accesses[1].writing = true
    violation.accesses[1].stack = conflicting
    violation.accesses[1].thread?.id = 4170
    violation.container.created?.stack = created
    violation.history = []
    return violation
  }

  @Test func lockOfOneSide_isNamed() {
    let violation = violation(
      [frame("Cache.count()", 9)], writing: false,
      [
        frame("closure #1 in Cache.add(_:)", 31), frame("Mutex.withLock<A, B>(_:)", nil, .system),
        frame("Cache.add(_:)", 30),
      ])
    #expect(
      NextStep(violation).text
        == "The write holds a lock (Mutex.withLock, taken in Cache.add(_:) (Cache.swift:30)) and the read in Cache.count() "
        + "(Cache.swift:9) does not: make the read inside the same lock.")
    #expect(NextStep(violation).page.contains("Reading a report"))
  }

  /// A lock that is locked by hand is on no stack; the lines before the access have it.
  @Test func lockByHand_isSeenInTheSource() {
    var violation = violation([frame("Cache.has(_:)", 9)], writing: false, [frame("Cache.add(_:)", 8)])
    func excerpt(_ line: Int, _ lines: [String]) -> Violation.SourceExcerpt {
      Violation.SourceExcerpt(file: "/src/Cache.swift", firstLine: line - 1, line: line, column: 5, lines: lines)
    }
    let add = "func add(_ key: Int) { lock.lock(); keys.insert(key); lock.unlock() }"
    violation.accesses[0].excerpt = excerpt(9, [add, "func has(_ key: Int) -> Bool { keys.contains(key) }", "}"])
    violation.accesses[1].excerpt = excerpt(8, ["let lock = NSLock()", add, "func has(_ key: Int) -> Bool {"])
    let kind = violation.container.kind.rawValue
    let advice =
      "The lines before the write in Cache.add(_:) (Cache.swift:8) take a lock, and those before the read in "
      + "Cache.has(_:) (Cache.swift:9) do not: if that lock is for the \(kind), make the read inside it too."
    #expect(NextStep(violation).text == advice)
    violation.accesses[1].excerpt = excerpt(8, ["  defer { lock.unlock() }", "  keys.insert(key)", "}"])
    #expect(NextStep(violation).text == advice)
    // Behind the access, or on both sides: nothing can be said.
    violation.accesses[1].excerpt = excerpt(8, ["func add(_ key: Int) {", "  keys.insert(key)", "  lock.lock()"])
    #expect(!NextStep(violation).text.contains("take a lock"))
    violation.accesses[0].excerpt = excerpt(9, ["  lock.lock()", "  keys.insert(key)", "}"])
    violation.accesses[1].excerpt = violation.accesses[0].excerpt
    #expect(!NextStep(violation).text.contains("take a lock"))
  }

  @Test func readOutsideABarrier_isSaid() {
    let violation = violation(
      [frame("Cache.find(_:)", 9)], writing: false,
      [
        frame("closure #1 in Cache.add(_:)", 31),
        frame("_dispatch_lane_barrier_sync_invoke_and_complete", nil, .system),
      ])
    #expect(
      NextStep(violation).text.hasPrefix("The write is inside a barrier of its queue and the read in Cache.find(_:)"))
  }

  @Test func lookingAndWriting_areOneStep() {
    var violation = violation([frame("Cache.load(_:)", 12)], [frame("Cache.load(_:)", 12)])
    violation.history = [
      .init(
        thread: violation.accesses[0].thread!, operation: .subscriptGet, writing: false, ageMilliseconds: 3,
        frame: frame("Cache.load(_:)", 10))
    ]
    #expect(NextStep(violation).text.hasPrefix("Cache.load(_:) looks and then writes (lines 10 to 12 of Cache.swift)"))
  }

  @Test func staticOfAnActor_isSaid() {
    var violation = violation(
      [frame("Cache.add(_:)", 12)], [frame("Cache.add(_:)", 12)],
      created: [frame("one-time initialization function for orders", 3)])
    violation.accesses[0].task = .init(id: 1)
    #expect(
      NextStep(violation).text.hasPrefix(
        "`orders` is one for the whole process. The isolation of an instance, an actor's too, does not protect it"))
  }

  @Test(arguments: [
    (10, 10, 2, "LockedDictionary"), (100_000, 100, 4, "ReadMostlyDictionary"), (9_000, 9_000, 8, "ShardedDictionary"),
    (9_000, 9_000, 2, "LockedDictionary"),
  ])
  func remedy_fitsTheTraffic(_ reads: UInt64, _ writes: UInt64, _ threads: Int, _ name: String) {
    var violation = violation([frame("Cache.add(_:)", 12)], [frame("Cache.add(_:)", 12)])
    violation.traffic = .init(
      reads: reads, writes: writes, threads: threads, lifetimeMilliseconds: 100, isLowerBound: false)
    #expect(NextStep(violation).text.contains("`\(name)`"))
    #expect(NextStep(violation).page.contains("Choosing a dictionary"))
  }

  /// Without names nothing is said of locks.
  @Test func namelessFrames_comeFirst() {
    let violation = violation([frame(nil)], [frame(nil)])
    #expect(NextStep(violation).text.contains("access-audit show"))
    #expect(!NextStep(violation).text.contains("lock"))
  }

  @Test(arguments: [
    ("  private var orders: AuditedDictionary<String, Order> = [:]", "orders"), ("let cache=[:]", "cache"),
    ("    self.orders = [:]", "orders"), ("    orders = make()", "orders"), ("  return AuditedDictionary()", nil),
    ("  let (a, b) = make()", nil), ("  cache.orders = [:]", nil),
  ])
  func variable_isThatOfTheLine(_ line: String, _ name: String?) {
    #expect(Declarations.variable(in: line) == name)
  }

  @Test func declaration_isNamedByItsFunctionOrLine() throws {
    #expect(
      Declarations.name(created: [frame("variable initialization expression of OrderCache.orders", 3)])
        == "OrderCache.orders")
    #expect(Declarations.name(created: [frame("one-time initialization function for shared", 3)]) == "shared")
    #expect(Declarations.name(created: [frame("OrderCache.init()", 3)]) == nil)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("declaration-\(UUID().uuidString).swift")
    defer { try? FileManager.default.removeItem(at: file) }
    try "final class OrderCache {\n  var orders: AuditedDictionary<String, Int> = [:]\n}\n".write(
      to: file, atomically: true, encoding: .utf8)
    #expect(Declarations.name(created: [frame("OrderCache.init()", 2, file: file.path)]) == "OrderCache.orders")
    #expect(Declarations.name(created: [frame("main()", 2, file: file.path)]) == "orders")
  }

  /// The only frame with the access's line is the thunk that the closure was merged into.
  @Test func thunkWithTheAccess_isTheProgramsOwn() {
    let own = frame("AuditedDictionary.subscript.setter", 3, .audit)
    let thunk = frame("partial apply for closure #1 in Shop.run()", 23, .thunk)
    let stack = [own, thunk, frame("Workers.run(_:)", 55)].withFramesOfTheProgram
    #expect(stack.location?.line == 23 && stack.location?.symbol == "closure #1 in Shop.run()")
    // The closure was not merged: its own frame comes first, and the thunk stays hidden.
    let apart = [own, frame("closure #1 in Shop.run()", 22), thunk].withFramesOfTheProgram
    #expect(apart.location?.line == 22 && apart[2].category == .thunk)
    let generated = [own, frame("partial apply for f", 1, .thunk, file: "<compiler-generated>"), frame("g()", 5)]
    #expect(generated.withFramesOfTheProgram.location?.line == 5)
  }

  /// The runtime's frames between a function and the one that awaits it say nothing of the program.
  @Test func runtimeBetweenAwaitingFrames_isHidden() {
    var awaiting = frame("Shop.refresh()", 40)
    awaiting.awaiting = true
    let stack = [
      frame("Shop.store(_:)", 12), frame("swift_job_run", nil, .system), frame("start_thread", nil, .system), awaiting,
    ]
    #expect(stack.shown.map(\.symbol) == ["Shop.store(_:)", "Shop.refresh()"])
    #expect(Array(stack.dropLast()).shown.count == 3)
    // A queue's frames between two of the program's own are on its thread.
    let queued = [frame("_dispatch_sync", nil, .system)] + stack
    #expect(queued.shown.map(\.symbol) == ["_dispatch_sync", "Shop.store(_:)", "Shop.refresh()"])
    #expect([frame("swift_job_run", nil, .system), awaiting].shown.count == 2)
  }

  @Test func namelessClosure_getsItsFile() {
    #expect(SymbolNames.short("closure #1 in ", file: "/src/main.swift") == "closure #1 in main.swift")
    #expect(SymbolNames.short("closure #2 in f()", file: "/src/main.swift") == "closure #2 in f()")
  }
}

#endif
