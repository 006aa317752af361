// SPDX-License-Identifier: Apache-2.0
//
// Walks the matrix: one thread is held inside each mutating member while another calls each member,
// and that must give exactly one report with the names and stacks of both sides. Run it under
// `on_violation=report` with long waits and deep stacks.

#if AUDITED && canImport(Glibc)

import AuditedCollections
import Foundation

enum MatrixRun {
  static let all: [String: @Sendable () async -> Void] = [
    "matrix-dictionary": { run(DictionaryCell.self) },
    "matrix-set": { run(SetCell.self) },
    "matrix-array": { run(ArrayCell.self) },
    "matrix-variable": { run(VariableCell.self) },
    "matrix-strings": { run(StringsCell.self) },
  ]

  /// Prints the failures, one per line, then the members that have a row, then the number of
  /// pairs.
  ///
  /// The program's further arguments choose the part of the mutating members to walk:
  /// `PART PARTS`; `0 0` walks none.
  static func run<Cell: MatrixCell>(_ type: Cell.Type) {
    let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
    let (part, parts) = numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 1)
    var rows = MatrixRows<Cell>()
    Cell.add(to: &rows)
    let reports = Reports()
    AccessAudit.onViolation { reports.add($0) }
    var pairs = 0
    for (index, writer) in rows.all.filter(\.isMutating).enumerated()
    where parts > 0 && index % parts == part {
      for other in rows.all {
        pairs += 1
        let failures = overlap(Pair(writer: writer, other: other, number: index), reports)
        for failure in failures { print("FAILED \(writer.operation.rawValue) x \(other.member): \(failure)") }
      }
    }
    for member in Set(rows.all.map(\.member)).sorted() { print("member \(member)") }
    print("pairs \(pairs) of \(rows.all.filter(\.isMutating).count) x \(rows.all.count)")
  }

  struct Pair<Cell: MatrixCell> {
    var writer: MatrixRow<Cell>
    var other: MatrixRow<Cell>
    /// The first member's place among the mutating ones.
    var number: Int
    /// True when the first member itself is called. Otherwise its window is opened without it: no
    /// code of the caller runs inside it, or its effect would make the other call trap when the
    /// program continues.
    var isWriterCalled: Bool { writer.isHoldable && !(writer.isDestructive && other.needsElements) }
  }

  /// Forces one overlap; returns the faults of the reports.
  ///
  /// The removal of an element hashes others or not, depending on the table's order and so on its
  /// address. A call that was not held is therefore repeated on a new table, while the old ones
  /// stay allocated.
  static func overlap<Cell: MatrixCell>(_ pair: Pair<Cell>, _ reports: Reports) -> [String] {
    var cells: [Cell] = []
    for _ in 0..<100 {
      let before = reports.count
      let trap = Trap()
      cells.append(Cell(trap, label: "\(pair.number) \(pair.other.member) \(pair.other.lines.lowerBound)"))
      if !force(pair, on: cells[cells.count - 1], trap, until: { reports.count > before }) { continue }
      AccessAudit.flush()
      let found = Array(reports.all(from: before))
      return found.count == 1 ? failures(of: found[0], pair) : ["\(found.count) reports"]
    }
    return ["the first call was never held"]
  }

  /// Holds the first member until `isSeen`, and calls the second meanwhile; returns whether the
  /// first could be held.
  static func force<Cell: MatrixCell>(
    _ pair: Pair<Cell>, on cell: Cell, _ trap: Trap, until isSeen: @escaping @Sendable () -> Bool
  ) -> Bool {
    let inside = Gate()
    let left = Gate()
    trap.arm {
      inside.open()
      Waiting.upTo(milliseconds: 2_000, isSeen)
    }
    together(
      {
        pair.isWriterCalled ? pair.writer.call(cell) : cell.hold(pair.writer.operation, frames: pair.number)
        left.open()
      },
      {
        Waiting.until { inside.isOpen || left.isOpen }
        if inside.isOpen { pair.other.call(cell) }
      })
    trap.disarm()
    return inside.isOpen
  }

  static func failures<Cell: MatrixCell>(of violation: Violation, _ pair: Pair<Cell>) -> [String] {
    var failures: [String] = []
    func expect(_ isTrue: Bool, _ message: @autoclosure () -> String) {
      if !isTrue { failures.append(message()) }
    }
    let (detected, conflicting) = (violation.detected, violation.conflicting)
    let kind: ViolationKind = pair.other.isMutating ? .concurrentWrites : .readDuringWrite
    expect(violation.kind == kind, "kind \(violation.kind)")
    expect(detected.operation == pair.other.operation, "detected \(String(describing: detected.operation))")
    expect(
      conflicting.operation == pair.writer.operation, "conflicting \(String(describing: conflicting.operation))")
    expect(detected.writing == pair.other.isMutating && conflicting.writing, "writing")
    expect(detected.thread != conflicting.thread && conflicting.inProgress, "threads")
    for (access, row) in [(detected, pair.other), (conflicting, pair.writer)] {
      let isHeld = access.role == .conflicting && !pair.isWriterCalled
      // A wrapped property's accessor is a frame of the program too; the row is its caller.
      let places = access.stack.filter { $0.category == .user && $0.symbol?.contains("VariableCell.value.") != true }
      let place = places.first
      let isRow = place?.file?.hasSuffix("/\(row.file)") == true && row.lines.contains(place?.line ?? 0)
      expect(
        isHeld ? access.stack.contains { $0.symbol?.contains("hold") == true } : isRow,
        "\(access.role) at \(place?.file ?? "?"):\(place?.line ?? 0), not \(row.file):\(row.lines)")
    }
    return failures
  }
}

/// The reports of the whole run.
final class Reports: @unchecked Sendable {
  private let lock = NSLock()
  private var violations: [Violation] = []

  var count: Int { lock.withLock { violations.count } }
  func add(_ violation: Violation) { lock.withLock { violations.append(violation) } }
  func all(from index: Int) -> ArraySlice<Violation> { lock.withLock { violations[index...] } }
}

#endif
