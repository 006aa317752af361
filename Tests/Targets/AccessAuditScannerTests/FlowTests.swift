// SPDX-License-Identifier: Apache-2.0
//
// The constructs that the walk through bodies recognises, one per test: locks on branches, deferred
// code, joins, helpers.

#if Scanner
import AccessAuditScanner
import Testing

@Suite struct FlowTests {
  private func guarded(_ body: String, extra: String = "") -> [String] {
    found(
      """
      import Foundation
      final class Box {
        let lock = NSLock()
        let other = NSLock()
        let queue = DispatchQueue(label: "q")
        let wide = DispatchQueue(label: "w", attributes: .concurrent)
        var items: [String: Int] = [:]
        func a() { lock.lock(); items["a"] = 1; lock.unlock() }
        func b() { lock.withLock { items["b"] = 1 } }
        func c() { lock.lock(); defer { lock.unlock() }; items["c"] = 1 }
        \(body)
      }
      \(extra)
      """)
  }

  @Test(arguments: [
    "func d() { guard lock.try() else { return }; items[\"d\"] = 1; lock.unlock() }",
    "func d() { if lock.try() { items[\"d\"] = 1; lock.unlock() } }",
    "func d() { lock.lock(); if items.isEmpty { lock.unlock(); return }; items[\"d\"] = 1; lock.unlock() }",
    "func d() throws { lock.lock(); do { items[\"d\"] = 1 } catch { lock.unlock(); throw error }; lock.unlock() }",
    "func d(_ n: Int) { lock.lock(); switch n { case 1: items[\"d\"] = 1; default: items = [:] }; lock.unlock() }",
    "func d() { for i in 0..<3 { lock.lock(); items[\"\\(i)\"] = i; lock.unlock() } }",
    "func d() { lock.withLock { ['a'].forEach { _ in items[\"d\"] = 1 } } }",
    "func d() { locked { items[\"d\"] = 1 } }; func locked(_ f: () -> Void) { lock.lock(); f(); lock.unlock() }",
    "func d() { enter(); items[\"d\"] = 1; leave() }; func enter() { lock.lock() }; func leave() { lock.unlock() }",
    "func d() { lock.withLock { set() } }; private func set() { items[\"d\"] = 1 }",
    "func d() { let f = { self.items[\"d\"] = 1 }; lock.lock(); f(); lock.unlock() }",
    "func d() { func f() { items[\"d\"] = 1 }; lock.lock(); f(); lock.unlock() }",
    "func setLocked() { items[\"d\"] = 1 }",
    "/// The caller must hold the lock.\n func d() { items[\"d\"] = 1 }",
    "init() { items[\"d\"] = 1 }",
    "deinit { items.removeAll() }",
    "func d() { let items: [Int] = []; print(items.count) }",
    "func d(items: [Int]) { print(items.count) }",
    "func d() { #if os(Linux)\n lock.lock(); defer { lock.unlock() }\n #endif\n items[\"d\"] = 1 }",
  ])
  func silent(body: String) {
    #expect(guarded(body.replacing("'a'", with: "\"a\"")) == [])
  }

  @Test(arguments: [
    ("func d() { items[\"d\"] = 1 }", "guarded-elsewhere"),
    ("func d() { if lock.try() { lock.unlock() }; items[\"d\"] = 1 }", "guarded-elsewhere"),
    ("func d() -> Int { items.count }", "unguarded-read"),
    ("func d() { other.withLock { items[\"d\"] = 1 } }", "two-guards"),
    ("func d() { queue.sync { items[\"d\"] = 1 } }", "two-guards"),
    ("func d(_ x: Bool) { if x { lock.lock() }; items[\"d\"] = 1 }", "guarded-elsewhere"),
    ("func d() { lock.lock(); lock.unlock(); items[\"d\"] = 1 }", "early-unlock"),
    ("func d() { defer { print(items.count) }; lock.lock(); lock.unlock() }", "early-unlock"),
    ("func d() { lock.withLock { Task.detached { self.items[\"d\"] = 1 } } }", "guarded-elsewhere"),
    ("func d() { change(&items) }; func change(_ x: inout [String: Int]) { x = [:] }", "guarded-elsewhere"),
    ("func d() { if let x = items[\"d\"] { print(x) } }", "unguarded-read"),
    ("func d() -> String { \"\\(items.count)\" }", "unguarded-read"),
    (
      "func d() { set() }; func e() { lock.withLock { set() } }; func set() { items[\"d\"] = 1 }", "guarded-elsewhere"
    ),
  ])
  func reported(body: String, rule: String) {
    #expect(guarded(body) == ["\(rule) Box.items"])
  }

  @Test(arguments: [
    ("group.wait()", 0), ("print(0)", 1), ("await task.value", 0), ("semaphore.wait()", 0), ("thread.join()", 0),
  ])
  func joins(statement: String, count: Int) {
    let text = """
      import Foundation
      func f(group: DispatchGroup, task: Task<Void, Never>, thread: Waiter) async {
        let semaphore = DispatchSemaphore(value: 0)
        var items: [Int] = []
        DispatchQueue.global().async(group: group) { items.append(1); semaphore.signal() }
        \(statement)
        items.append(2)
      }
      """
    #expect(found(text).count == count)
  }

  @Test func namesAreResolvedAcrossFiles() {
    let report = scan("extension Box { func add() { Task.detached { self.items.append(1) } } }")
    #expect(report.active.isEmpty, "the property is in another module")
  }
}
#endif
