// SPDX-License-Identifier: Apache-2.0
//
// What is seen when the read came first: a read is held inside a member while another thread
// writes. Prints, for each member and each kind of variable, which access the report names first.
// Tests/Benchmarks/seen makes the documentation's table of it.

import AccessAuditInterleaving
import AuditedCollections
import Foundation

enum SeenScenarios {
  static let all: [String: @Sendable () async -> Void] = ["seen": { run() }, "seen-hunting": { runHunting() }]

  /// An element whose code springs a trap: the read is held in it.
  struct Key: Hashable, Comparable, Sendable {
    var number: Int
    var trap: Trap
    static func == (left: Key, right: Key) -> Bool { left.number == right.number }
    static func < (left: Key, right: Key) -> Bool { left.springs() || left.number < right.number }
    func hash(into hasher: inout Hasher) {
      trap.spring()
      hasher.combine(number)
    }
    func springs() -> Bool {
      trap.spring()
      return false
    }
  }

  typealias Elements = AuditedDictionary<Key, Int>

  class Overridable: @unchecked Sendable {
    var elements: Elements
    init(_ elements: Elements) { self.elements = elements }
  }

  class Overriding: Overridable, @unchecked Sendable {
    override var elements: Elements {
      get { super.elements }
      set { super.elements = newValue }
    }
  }

  nonisolated(unsafe) static var global: Elements = [:]

  /// The variables that two threads share, and a key that is in them.
  final class Cell: @unchecked Sendable {
    var elements: Elements
    let overridable: Overridable
    let key: Key
    init(_ trap: Trap) {
      func elements() -> Elements { Elements(uniqueKeysWithValues: (0..<4).map { (Key(number: $0, trap: trap), $0) }) }
      self.elements = elements()
      overridable = Overridable(elements())
      global = elements()
      key = Key(number: 1, trap: trap)
    }
  }

  typealias Access = @Sendable (Cell) -> Void

  struct Row: Sendable {
    let member: String
    let inFinalClass: Access
    let inClass: Access
    let inGlobal: Access
  }

  static let rows: [Row] = [
    Row(
      member: "d[key]", inFinalClass: { _ = $0.elements[$0.key] }, inClass: { _ = $0.overridable.elements[$0.key] },
      inGlobal: { _ = global[$0.key] }),
    Row(
      member: "d[key, default: 0]", inFinalClass: { _ = $0.elements[$0.key, default: 0] },
      inClass: { _ = $0.overridable.elements[$0.key, default: 0] }, inGlobal: { _ = global[$0.key, default: 0] }),
    Row(
      member: "index(forKey:)", inFinalClass: { _ = $0.elements.index(forKey: $0.key) },
      inClass: { _ = $0.overridable.elements.index(forKey: $0.key) }, inGlobal: { _ = global.index(forKey: $0.key) }),
    Row(
      member: "contains(where:)", inFinalClass: { _ = $0.elements.contains { $0.key.springs() } },
      inClass: { _ = $0.overridable.elements.contains { $0.key.springs() } },
      inGlobal: { _ in _ = global.contains { $0.key.springs() } }),
    Row(
      member: "first(where:)", inFinalClass: { _ = $0.elements.first { $0.key.springs() } },
      inClass: { _ = $0.overridable.elements.first { $0.key.springs() } },
      inGlobal: { _ in _ = global.first { $0.key.springs() } }),
    Row(
      member: "filter(_:)", inFinalClass: { _ = $0.elements.filter { $0.key.springs() } },
      inClass: { _ = $0.overridable.elements.filter { $0.key.springs() } },
      inGlobal: { _ in _ = global.filter { $0.key.springs() } }),
    Row(
      member: "map(_:)", inFinalClass: { _ = $0.elements.map { $0.key.springs() } },
      inClass: { _ = $0.overridable.elements.map { $0.key.springs() } },
      inGlobal: { _ in _ = global.map { $0.key.springs() } }),
    Row(
      member: "forEach(_:)", inFinalClass: { $0.elements.forEach { _ = $0.key.springs() } },
      inClass: { $0.overridable.elements.forEach { _ = $0.key.springs() } },
      inGlobal: { _ in global.forEach { _ = $0.key.springs() } }),
    Row(
      member: "sorted(by:)", inFinalClass: { _ = $0.elements.sorted { $0.key < $1.key } },
      inClass: { _ = $0.overridable.elements.sorted { $0.key < $1.key } },
      inGlobal: { _ in _ = global.sorted { $0.key < $1.key } }),
    Row(
      member: "for … in", inFinalClass: { for element in $0.elements { _ = element.key.springs() } },
      inClass: { for element in $0.overridable.elements { _ = element.key.springs() } },
      inGlobal: { _ in for element in global { _ = element.key.springs() } }),
  ]

  static func run() {
    // With another class at work, the compiler cannot take the property for a final one.
    precondition(Overriding([:]).elements.isEmpty)
    for row in rows {
      let seen = [
        overlap(row.inFinalClass, { $0.elements[$0.key] = 2 }),
        overlap(row.inClass, { $0.overridable.elements[$0.key] = 2 }),
        overlap(row.inGlobal, { global[$0.key] = 2 }),
      ]
      print("| `\(row.member)` | \(seen.joined(separator: " | ")) |")
    }
  }

  /// Holds the read, writes meanwhile, and tells what was reported.
  static func overlap(_ read: @escaping Access, _ write: @escaping Access) -> String {
    let trap = Trap()
    let cell = Cell(trap)
    let (inside, written) = (Gate(), Gate())
    let before = AccessAudit.violations.count
    trap.arm {
      inside.open()
      written.wait()
    }
    together(
      { read(cell) },
      {
        inside.wait()
        write(cell)
        written.open()
      })
    trap.disarm()
    AccessAudit.flush()
    return AccessAudit.violations.count > before ? "seen" : "not seen"
  }

  /// A variable that is audited itself.
  final class AuditedCell: @unchecked Sendable {
    @Audited var elements: [Int: Int] = [1: 1, 2: 2]
  }

  /// Reads of an audited variable run no code of the program: hunting holds them. Two threads make
  /// ten accesses each, a millisecond apart. The further argument chooses the read, so that
  /// each has a process and its budget to itself.
  static func runHunting() {
    let reads: [(String, @Sendable (AuditedCell) -> Void)] = [
      ("d[key]", { _ = $0.elements[1] }), ("d.count", { _ = $0.elements.count }),
      ("contains(where:)", { _ = $0.elements.contains { $0.key == 3 } }),
      ("map(_:)", { _ = $0.elements.map { $0.key } }), ("sorted(by:)", { _ = $0.elements.sorted { $0.key < $1.key } }),
      ("for … in", { for element in $0.elements { precondition(element.key > 0) } }),
    ]
    let chosen = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) }
    for (index, (member, read)) in reads.enumerated() where chosen == nil || index == chosen {
      let cell = AuditedCell()
      let before = AccessAudit.violations.count
      together(
        {
          for _ in 0..<10 {
            read(cell)
            usleep(1_000)
          }
        },
        {
          for _ in 0..<10 {
            usleep(1_000)
            cell.elements[1] = 2
          }
        })
      AccessAudit.flush()
      print("| `\(member)` | \(AccessAudit.violations.count > before ? "seen" : "not seen") |")
    }
  }
}
