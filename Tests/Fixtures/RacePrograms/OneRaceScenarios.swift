// SPDX-License-Identifier: Apache-2.0
//
// Which violations are one race: overlaps of chosen functions, in a chosen order. And what the ends
// of processes say.

import AuditedCollections
import Foundation

enum OneRaceScenarios {
  static let all: [String: @Sendable () async -> Void] = [
    "one-race-by-many-ways": { oneRaceByManyWays() },
    "two-races": { twoRaces() },
    "two-races-on-a-variable": { twoRacesOnAVariable() },
    "traced": { traced() },
    "forked-children-end": { forkedChildrenEnd() },
    "data-as-stderr": { dataAsStandardError() },
  ]

  typealias Orders = Shared<AuditedDictionary<GatedKey, Int>>
  typealias Step = @Sendable (Orders, GatedKey) -> Void

  // The two places of the race, and a third.
  @inline(never) static func add(_ orders: Orders, _ key: GatedKey) { orders.value[key] = 1 }
  @inline(never) static func change(_ orders: Orders, _ key: GatedKey) { orders.value[key] = 2 }
  @inline(never) static func correct(_ orders: Orders, _ key: GatedKey) { orders.value[key] = 3 }
  // Two ways to each.
  @inline(never) static func addByHand(_ orders: Orders, _ key: GatedKey) { add(orders, key) }
  @inline(never) static func changeByHand(_ orders: Orders, _ key: GatedKey) { change(orders, key) }

  /// The second step runs into the first one, which is held open.
  static func overlap(_ orders: Orders, _ first: @escaping Step, _ second: @escaping Step) {
    let trap = Trap()
    let inside = Gate()
    let leaving = Gate()
    trap.arm {
      inside.open()
      leaving.wait()
    }
    onThreads(3) { thread in
      switch thread {
      case 0: first(orders, GatedKey(1, trap))
      case 1:
        inside.wait()
        second(orders, GatedKey(2))
      default:
        inside.wait()
        usleep(30_000)
        leaving.open()
      }
    }
    AccessAudit.flush()
  }

  static func oneRaceByManyWays() {
    // Two collections of one declaration.
    for _ in 0..<2 {
      let orders = Orders(AuditedDictionary(label: "orders"))
      overlap(orders, { add($0, $1) }, { changeByHand($0, $1) })
      overlap(orders, { change($0, $1) }, { addByHand($0, $1) })
    }
  }

  static func twoRaces() {
    let orders = Orders(AuditedDictionary(label: "orders"))
    overlap(orders, { add($0, $1) }, { correct($0, $1) })
    for _ in 0..<3 { overlap(orders, { add($0, $1) }, { change($0, $1) }) }
  }

  final class Total: @unchecked Sendable {
    @Audited(label: "total") var value = VariableScenarios.Springing()
  }
  @inline(never) static func begin(_ total: Total) { total.value.spring() }
  @inline(never) static func replace(_ total: Total) { total.value = VariableScenarios.Springing() }
  @inline(never) static func read(_ total: Total) { precondition(total.value.number >= 0) }

  /// Every access to the variable goes through the accessors that the compiler made for it.
  static func twoRacesOnAVariable() {
    for second in [replace, replace, read] {
      let total = Total()
      let inside = Gate()
      let leaving = Gate()
      VariableScenarios.Springing.trap = Trap()
      VariableScenarios.Springing.trap.arm {
        inside.open()
        leaving.wait()
      }
      onThreads(3) { thread in
        if thread == 0 { return begin(total) }
        inside.wait()
        if thread == 1 { return second(total) }
        usleep(30_000)
        leaving.open()
      }
      AccessAudit.flush()
    }
  }

  static func traced() {
    AccessAudit.onTraceID {
      // An access of the provider's own is not audited: its thread is inside one.
      var own: AuditedDictionary<Int, Int> = [:]
      own[1] = 1
      return "trace of thread \(threadID())"
    }
    overlap(Orders(AuditedDictionary(label: "orders")), { add($0, $1) }, { change($0, $1) })
  }

  /// The kernel's ID of the calling thread.
  private static func threadID() -> String {
    let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")) ?? ""
    return path.split(separator: "/").last.map(String.init) ?? "?"
  }

  /// Runs `body` in a forked child, whose standard error is a new file opened with these flags;
  /// returns what is in it when the child has ended.
  private static func errorsOfChild(_ flags: Int32, _ body: () -> Void) -> String {
    let path = "\(NSTemporaryDirectory())/access-audit-\(UUID().uuidString)"
    let child = ForkScenarios.forkProcess()
    if child == 0 {
      close(2)
      precondition(open(path, flags | O_CREAT, 0o600) == 2)
      body()
      exit(0)
    }
    precondition(ForkScenarios.waitForChild(child) == 0)
    defer { unlink(path) }
    return (try? String(contentsOfFile: path, encoding: .utf8)) ?? "?"
  }

  static func forkedChildrenEnd() {
    var orders: AuditedDictionary<Int, Int> = [:]
    for i in 0..<10 { orders[i] = i }
    func count(_ errors: String) -> Int {
      errors.split(separator: "\n").count { $0.hasPrefix("AccessAudit: 0 violations in ") }
    }
    print("lines of untouched child: \(count(errorsOfChild(O_WRONLY) {}))")
    print("lines of touching child: \(count(errorsOfChild(O_WRONLY) { touch(&orders) }))")
    precondition(orders.count == 10)
  }

  /// The detector of a child starts with a new thread, a violation or a flush.
  private static func touch(_ orders: inout AuditedDictionary<Int, Int>) {
    orders[1] = 2
    AccessAudit.flush()
  }

  static func dataAsStandardError() {
    var orders: AuditedDictionary<Int, Int> = [1: 1]
    orders[1] = 2
    let data = errorsOfChild(O_RDWR) {
      touch(&orders)
      precondition(write(2, "data\n", 5) == 5)
    }
    print(data, terminator: "")
    precondition(orders.count == 1)
  }
}
